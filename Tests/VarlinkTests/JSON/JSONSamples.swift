/// Documents that the tests share.
enum JSONSamples {
    /// Every kind of value, escape and number, nested, with whitespace of all four kinds.
    static let everything = """
        {"method" : "io.corund.Jobs.Submit",\t"parameters":{"job":"echo","arguments":{"text":"h\\u00e9llo \\"x\\" \\\\ \\/ \
        \\b\\f\\n\\r\\t \\ud83d\\ude00 grüße 日本語 🎉","numbers":[0,-0,1,-1,1.5,-2.25e-3,1E+10,9007199254740993],
        "empty":[{},[],""],"flags":[true,false,null]},"labels":{}},\r\n"more":true}
        """

    /// A typical request of 150 bytes.
    static let request = """
        {"method":"io.corund.Jobs.Submit","parameters":{"job":"echo","arguments":{"text":"hello world"},\
        "priority":10,"key":"b6a7-11ee","timeout_ms":30000}}
        """
}
