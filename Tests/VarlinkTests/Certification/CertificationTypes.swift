@testable import Varlink

/// What every method but `Start` is called with, and more.
protocol CertificationParameters: Codable, Equatable, Sendable {
    var client_id: String { get }
}

/// The parameters of `org.varlink.certification`, and the values that its methods must be called with and answer.
enum Certification {
    static let name = "org.varlink.certification"

    struct ClientID: CertificationParameters { var client_id: String }

    struct Scalars: Codable, Equatable, Sendable {
        var bool = false
        var int = 2
        var float = Double.pi
        var string = "a lot of string"
    }

    struct FirstSecond: Codable, Equatable, Sendable {
        var first = 1
        var second = "2"
    }

    struct Object: Codable, Equatable, Sendable {
        struct Parameters: Codable, Equatable, Sendable { var map = ["foo": "Foo", "bar": "Bar"] }
        var method = "org.varlink.certification.Test09"
        var parameters = Parameters()
    }

    struct Interface: Codable, Equatable, Sendable {
        struct Anon: Codable, Equatable, Sendable {
            var foo = true
            var bar = false
        }
        var foo: [[String: String]?]? = [nil, ["foo": "foo", "bar": "bar"], nil, ["one": "foo", "two": "bar"]]
        var anon = Anon()
    }

    struct Unit: Codable, Equatable, Sendable {}

    struct MyType: Codable, Equatable, Sendable {
        enum Choice: String, Codable, Sendable { case one, two, three }
        var object = Object()
        var `enum` = Choice.two
        var `struct` = FirstSecond()
        var array = ["one", "two", "three"]
        var dictionary = ["foo": "Foo", "bar": "Bar"]
        var stringset = ["one": Unit(), "two": Unit(), "three": Unit()]
        var nullable: String?
        var nullable_array_struct: [FirstSecond]?
        var interface = Interface()
    }

    // MARK: What each method is called with

    struct Test02: CertificationParameters {
        var client_id: String
        var bool = true
    }
    struct Test03: CertificationParameters {
        var client_id: String
        var int = 1
    }
    struct Test04: CertificationParameters {
        var client_id: String
        var float = 1.0
    }
    struct Test05: CertificationParameters {
        var client_id: String
        var string = "ping"
    }
    struct Test06: CertificationParameters {
        var client_id: String
        var bool = false
        var int = 2
        var float = Double.pi
        var string = "a lot of string"
    }
    struct Test07: CertificationParameters {
        var client_id: String
        var `struct` = Scalars()
    }
    struct Test08: CertificationParameters {
        var client_id: String
        var map = ["foo": "Foo", "bar": "Bar"]
    }
    struct Test09: CertificationParameters {
        var client_id: String
        var set = ["one": Unit(), "two": Unit(), "three": Unit()]
    }
    struct Test10: CertificationParameters {
        var client_id: String
        var mytype = MyType()
    }
    struct Test11: CertificationParameters {
        var client_id: String
        var last_more_replies = (1...10).map { "Reply number \($0)" }
    }

    // MARK: What they answer

    struct Bool01: Codable, Equatable, Sendable { var bool = true }
    struct Int02: Codable, Equatable, Sendable { var int = 1 }
    struct Float03: Codable, Equatable, Sendable { var float = 1.0 }
    struct String04: Codable, Equatable, Sendable { var string = "ping" }
    struct Struct06: Codable, Equatable, Sendable { var `struct` = Scalars() }
    struct Map07: Codable, Equatable, Sendable { var map = ["foo": "Foo", "bar": "Bar"] }
    struct Set08: Codable, Equatable, Sendable { var set = ["one": Unit(), "two": Unit(), "three": Unit()] }
    struct MyType09: Codable, Equatable, Sendable { var mytype = MyType() }
    struct AllOK: Codable, Equatable, Sendable { var all_ok = true }

    /// The interface's definition, as in the package `varlink` of PyPI.
    static let description = """
        # Interface to test varlink implementations against.
        interface org.varlink.certification

        type Interface (
          foo: ?[]?[string](foo, bar, baz),
          anon: (foo: bool, bar: bool)
        )

        type MyType (
          object: object,
          enum: (one, two, three),
          struct: (first: int, second: string),
          array: []string,
          dictionary: [string]string,
          stringset: [string](),
          nullable: ?string,
          nullable_array_struct: ?[](first: int, second: string),
          interface: Interface
        )

        method Start() -> (client_id: string)

        method Test01(client_id: string) -> (bool: bool)

        method Test02(client_id: string, bool: bool) -> (int: int)

        method Test03(client_id: string, int: int) -> (float: float)

        method Test04(client_id: string, float: float) -> (string: string)

        method Test05(client_id: string, string: string) -> (
          bool: bool,
          int: int,
          float: float,
          string: string
        )

        method Test06(
          client_id: string,
          bool: bool,
          int: int,
          float: float,
          string: string
        ) -> (
          struct: (
            bool: bool,
            int: int,
            float: float,
            string: string
          )
        )

        method Test07(
          client_id: string,
          struct: (
            bool: bool,
            int: int,
            float: float,
            string: string
          )
        ) -> (map: [string]string)

        method Test08(client_id: string, map: [string]string) -> (set: [string]())

        method Test09(client_id: string, set: [string]()) -> (mytype: MyType)

        # returns more than one reply with "continues"
        method Test10(client_id: string, mytype: MyType) -> (string: string)

        # must be called as "oneway"
        method Test11(client_id: string, last_more_replies: []string) -> ()

        method End(client_id: string) -> (all_ok: bool)

        error ClientIdError ()
        error CertificationError (wants: object, got: object)

        """
}
