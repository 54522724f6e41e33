import CorundLoop
import Testing

struct TaskListingTests {
    private func task(
        _ id: UInt64, _ name: String, parent: UInt64? = nil, _ state: TaskSnapshot.State = .waiting,
        age: Duration = .seconds(1), loopTime: Duration? = nil
    ) -> TaskSnapshot {
        TaskSnapshot(
            id: id, name: name, parent: parent, state: state, age: age, createdAt: "Shop/Main.swift:\(id)",
            loopTime: loopTime)
    }

    @Test func aListHasALineForEachTaskAndColumnsThatStandBelowEachOther_R73() {
        let text = TaskSnapshot.list([
            task(1, "main", .running, age: .milliseconds(3_600_042), loopTime: .microseconds(1_234_567)),
            task(12, "größer", parent: 1, .ready, age: .milliseconds(7), loopTime: .nanoseconds(999)),
            task(300, "x", age: .zero),
        ])
        #expect(
            text == """
                ID   NAME    STATE    AGE         LOOP TIME    MADE AT
                1    main    running  3600.042 s  1234.567 ms  Shop/Main.swift:1
                12   größer  ready    0.007 s     0.000 ms     Shop/Main.swift:12
                300  x       waiting  0.000 s     -            Shop/Main.swift:300

                """)
    }

    @Test func aNameStaysInItsLineWhateverIsInIt_R73() {
        let tasks = [task(1, "a\nb\u{1B}[2Jc\u{2028}\u{85}é\u{202E}\r\n")]
        let name = #"a\nb\u{1B}[2Jc\u{2028}\u{85}é\u{202E}\r\n"#
        #expect(TaskSnapshot.list(tasks).split(separator: "\n").count == 2)
        #expect(TaskSnapshot.list(tasks).contains("1   \(name)  waiting"))
        #expect(TaskSnapshot.tree(tasks).hasPrefix("\(name) (1): waiting"))
    }

    @Test func aListOfNothingHasTheColumnsNames_R73() {
        #expect(TaskSnapshot.list([]) == "ID  NAME  STATE  AGE  LOOP TIME  MADE AT\n")
    }

    @Test func aTreeHasEachTaskBelowTheOneThatMadeIt_R73() {
        let text = TaskSnapshot.tree([
            task(1, "main"), task(2, "server", parent: 1, loopTime: .microseconds(20)), task(3, "timer"),
            task(4, "client", parent: 2, .ready), task(5, "writer", parent: 1), task(6, "client", parent: 2),
            task(7, "log", parent: 5),
        ])
        #expect(
            text == """
                main (1): waiting, 1.000 s old, made at Shop/Main.swift:1
                ├─ server (2): waiting, 1.000 s old, held the loop for 0.020 ms, made at Shop/Main.swift:2
                │  ├─ client (4): ready, 1.000 s old, made at Shop/Main.swift:4
                │  └─ client (6): waiting, 1.000 s old, made at Shop/Main.swift:6
                └─ writer (5): waiting, 1.000 s old, made at Shop/Main.swift:5
                   └─ log (7): waiting, 1.000 s old, made at Shop/Main.swift:7
                timer (3): waiting, 1.000 s old, made at Shop/Main.swift:3

                """)
    }

    @Test func aTaskWhoseMakerIsGoneStandsAtTheLeft_R73() {
        let text = TaskSnapshot.tree([task(5, "child", parent: 2), task(6, "grandchild", parent: 5)])
        #expect(
            text == """
                child (5): waiting, 1.000 s old, made at Shop/Main.swift:5
                └─ grandchild (6): waiting, 1.000 s old, made at Shop/Main.swift:6

                """)
    }

    @Test func whatIsNoTreeIsStillShownOnceEach_R73() {
        let text = TaskSnapshot.tree([task(1, "a", parent: 2), task(2, "b", parent: 1), task(3, "c", parent: 3)])
        #expect(text.split(separator: "\n").count == 3)
        #expect(TaskSnapshot.tree([]).isEmpty)
    }

    @Test func aLongChainIsShown_R73() {
        let chain = (1...2000).map { task($0, "link", parent: $0 - 1) }
        #expect(TaskSnapshot.tree(chain).split(separator: "\n").count == 2000)
    }
}
