/// What a service says of itself.
package struct ServiceInfo: Sendable {
    package let vendor: String
    package let product: String
    package let version: String
    package let url: String

    package init(vendor: String, product: String, version: String, url: String) {
        self.vendor = vendor
        self.product = product
        self.version = version
        self.url = url
    }
}

extension Interface {
    /// `org.varlink.service`, which every service offers: an ordinary interface about the others.
    static func service(_ info: ServiceInfo, _ others: [Interface]) -> Interface {
        var service = Interface(name: "org.varlink.service", description: serviceDescription, requirement: nil)
        let names = ([service.name] + others.map(\.name)).sorted()
        service.method("GetInfo") { (_: NoParameters, _) in
            InfoReply(
                vendor: info.vendor, product: info.product, version: info.version, url: info.url, interfaces: names)
        }
        var descriptions = [service.name: serviceDescription]
        for other in others { descriptions[other.name] = other.description }
        service.method("GetInterfaceDescription") { [descriptions] (parameters: DescriptionParameters, _) in
            guard let description = descriptions[parameters.interface] else {
                throw VarlinkError.interfaceNotFound(parameters.interface)
            }
            return DescriptionReply(description: description)
        }
        return service
    }

    private struct InfoReply: Encodable {
        let vendor: String
        let product: String
        let version: String
        let url: String
        let interfaces: [String]
    }

    private struct DescriptionParameters: Decodable {
        let interface: String
    }

    private struct DescriptionReply: Encodable {
        let description: String
    }

    private static var serviceDescription: String {
        """
        # What every Varlink service says of itself.
        interface org.varlink.service

        # Who made the service, and which interfaces it offers.
        method GetInfo() -> (
          vendor: string,
          product: string,
          version: string,
          url: string,
          interfaces: []string
        )

        # The definition of one of them.
        method GetInterfaceDescription(interface: string) -> (description: string)

        # The service offers no such interface.
        error InterfaceNotFound (interface: string)

        # The interface has no such method.
        error MethodNotFound (method: string)

        # The interface has the method, but the service does not implement it.
        error MethodNotImplemented (method: string)

        # A parameter is missing or wrong.
        error InvalidParameter (parameter: string)

        # The caller may not do this. The message says what it would take.
        error PermissionDenied (message: ?string)

        # The method answers more than once, and must be called with more.
        error ExpectedMore ()

        """
    }
}
