/// What a daemon says, in its own words.
enum Wire {
    /// A job; `more` begins with a comma.
    static func job(_ state: String, id: String = "17", _ more: String = "") -> String {
        """
        {"id":"\(id)","job":"echo","state":"\(state)","attempt":1,"max_attempts":1,"context":"shared",\
        "group":"default","priority":0,"labels":{},"owner_uid":0,"submitted_at":"2026-11-21T03:40:00.000000Z"\(more)}
        """
    }

    /// The time of every event.
    static let time = "2026-11-21T03:40:00.000000Z"

    /// A reply of `Watch`.
    static func event(_ sequence: Int, _ member: String) -> String {
        #"{"event":{"id":"17","sequence":\#(sequence),"at":"\#(time)",\#(member)}}"#
    }
}
