import TestSupport
import Testing

@testable import CorundLoop

struct ContextTests {
    private let variable = ContextVariable<Int>("answer")
    private let withDefault = ContextVariable("level", default: 3)

    /// Runs `body` in a context of its own, so that tests do not meet in the process's base context.
    private func inFreshContext(_ body: () throws -> Void) throws {
        try Context().run(body)
    }

    // MARK: Variables

    @Test func getGivesTheValueElseTheDefaultElseAnError_R60() throws {
        try inFreshContext {
            #expect(throws: ContextError.noValue(variable: "answer")) { try variable.get() }
            try #expect(withDefault.get() == 3)
            variable.set(1)
            withDefault.set(4)
            try #expect(variable.get() == 1)
            try #expect(withDefault.get() == 4)
        }
    }

    @Test func resetBringsBackWhatWasThereBefore_R60() throws {
        try inFreshContext {
            let first = variable.set(1)
            let second = variable.set(2)
            try variable.reset(second)
            try #expect(variable.get() == 1)
            try variable.reset(first)
            #expect(throws: ContextError.noValue(variable: "answer")) { try variable.get() }
        }
    }

    @Test func anOptionalVariableTellsUnsetFromNil_R60() throws {
        let optional = ContextVariable<Int?>("maybe", default: 5)
        let bare = ContextVariable<Int?>("bare")
        try inFreshContext {
            try #expect(optional.get() == 5)
            #expect(throws: ContextError.noValue(variable: "bare")) { try bare.get() }
            let token = optional.set(nil)
            try #expect(optional.get() == nil)
            try optional.reset(token)
            try #expect(optional.get() == 5)
        }
    }

    @Test func theDefaultOfAnOptionalVariableMayBeNil_R60() throws {
        let user = ContextVariable<String?>("user", default: nil)
        try inFreshContext {
            try #expect(user.get() == nil)
            let token = user.set("ada")
            try user.reset(token)
            try #expect(user.get() == nil)
        }
    }

    @Test func variablesOfTheSameNameAreNotTheSame_R60() throws {
        let other = ContextVariable<Int>("answer")
        try inFreshContext {
            variable.set(1)
            #expect(throws: ContextError.noValue(variable: "answer")) { try other.get() }
        }
    }

    @Test func aTokenIsGoodForOneReset_R61() throws {
        try inFreshContext {
            let token = variable.set(1)
            try variable.reset(token)
            variable.set(2)
            #expect(throws: ContextError.tokenAlreadyUsed(variable: "answer")) { try variable.reset(token) }
            try #expect(variable.get() == 2)
        }
    }

    @Test func aTokenOfAnotherVariableIsRefusedAndStaysGood_R61() throws {
        try inFreshContext {
            let token = variable.set(1)
            #expect(throws: ContextError.tokenOfAnotherVariable(variable: "level")) { try withDefault.reset(token) }
            try variable.reset(token)
        }
    }

    @Test func aTokenOfAnotherContextIsRefusedAndStaysGood_R61() throws {
        try inFreshContext {
            let token = variable.set(1)
            try Context.current.copy().run { () -> Void in
                #expect(throws: ContextError.tokenOfAnotherContext(variable: "answer")) { try variable.reset(token) }
            }
            try variable.reset(token)
        }
    }

    // MARK: Contexts

    @Test func aCopyIsIndependent_R62() throws {
        try inFreshContext {
            variable.set(1)
            let copy = Context.current.copy()
            variable.set(2)
            try copy.run {
                try #expect(variable.get() == 1)
                variable.set(3)
            }
            try #expect(variable.get() == 2)
        }
    }

    @Test func aCopySharesItsTreeAndSoCostsTheSameAtAnySize_R62() throws {
        let variables = (0..<10_000).map { ContextVariable("v\($0)", default: 0) }
        try inFreshContext {
            for variable in variables { variable.set(1) }
            // A copy that walked over the values would take minutes for these.
            let copies = (0..<100_000).map { _ in Context.current.copy() }
            try copies[99_999].run { try #expect(variables[9_999].get() == 1) }
        }
    }

    @Test func theCurrentContextIsTheOneThatWasEntered_R62() throws {
        let context = Context()
        try context.run { #expect(Context.current === context) }
        #expect(Context.current !== context)
    }

    @Test func whatIsSetInAContextStaysInIt_R63() throws {
        try inFreshContext {
            let inner = Context()
            _ = try inner.run { variable.set(1) }
            #expect(throws: ContextError.noValue(variable: "answer")) { try variable.get() }
            try inner.run { try #expect(variable.get() == 1) }
        }
    }

    @Test func anEnteredContextCannotBeEnteredAgain_R63() throws {
        let (outer, inner) = (Context(), Context())
        try outer.run {
            #expect(throws: ContextError.alreadyEntered) { try outer.run {} }
            try inner.run { () -> Void in
                #expect(throws: ContextError.alreadyEntered) { try outer.run {} }
            }
            try inner.run {}
        }
        try outer.run {}
    }

    @Test func aContextIsLeftWhenItsBodyThrows_R63() throws {
        let context = Context()
        #expect(throws: ContextError.noValue(variable: "x")) {
            try context.run { throw ContextError.noValue(variable: "x") }
        }
        #expect(Context.current !== context)
        try context.run {}
    }

    @Test func anAsyncBodyRunsInTheContextAcrossItsSuspensions_R63() throws {
        try withLoop { loop in
            let context = Context()
            try loop.complete {
                try await context.run {
                    variable.set(1)
                    try await loop.sleep(for: .zero)
                    #expect(Context.current === context)
                    try #expect(variable.get() == 1)
                    await #expect(throws: ContextError.alreadyEntered) { try await context.run { await Task.yield() } }
                }
                #expect(Context.current !== context)
            }
        }
    }

    @Test func onlyVisibleVariablesThatWereSetAreListed_R66() throws {
        let visible = ContextVariable("tenant", default: "none", isVisible: true)
        let unset = ContextVariable("unset", default: 1, isVisible: true)
        try inFreshContext {
            visible.set("acme")
            variable.set(1)
            #expect(Context.current.visibleValues == ["tenant": "acme"])
            _ = unset
        }
    }

    @Test func iteratingAContextShowsTheVariablesThatWereSetAndNoOthers_R66() throws {
        let other = ContextVariable("other", default: "default")
        let optional = ContextVariable<Int?>("optional")
        let context = Context()
        #expect(context.count == 0 && context.map(\.name).isEmpty)
        try context.run {
            let token = other.set("gone")
            variable.set(7)
            optional.set(nil)
            try other.reset(token)
            try #expect(other.get() == "default")
            #expect(Context().map(\.name).isEmpty, "what is set in the context around it does not show")
        }
        #expect(context.map(\.name).sorted() == [variable.name, optional.name].sorted() && context.count == 2)
        #expect(context.first { $0.name == variable.name }?.value as? Int == 7)
        #expect(context[variable] == 7 && context[other] == nil && context[optional] == .some(nil))
    }

    @Test func whatIsSetDuringAnIterationIsNotSeenByIt_R66() throws {
        let context = Context()
        try context.run {
            variable.set(1)
            for _ in context { ContextVariable("late", default: 0).set(1) }
        }
        #expect(context.count == 2)
    }

    @Test func aContextIsUsedFromManyThreadsAtOnceWithoutHarm() throws {
        let context = Context()
        let variables = (0..<8).map { ContextVariable("v\($0)", default: -1) }
        ForeignThread.concurrently(8) { index in
            for number in 0..<1000 {
                #expect(throws: Never.self) {
                    try context.run {
                        variables[index].set(number)
                        _ = context.copy()
                        _ = try variables[(index + 1) % 8].get()
                    }
                }
            }
        }
        try context.run { for variable in variables { try #expect(variable.get() == 999) } }
    }
}
