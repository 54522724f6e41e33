import CorundRunner

/// One step of an asynchronous generator: from its consumer into its body and back.
func benchGenerator() throws -> Figures {
    try Runner.with { runner in
        let seconds = try runner.run {
            let numbers = AsyncGenerator<Int, Never> { yield in
                var number = 0
                while true {
                    try await yield(number)
                    number += 1
                }
            }
            return try await withClosing(numbers) { numbers in
                try await perCall { _ = try await numbers.next() }
            }
        }
        return [("generator_step_ns", seconds * 1e9)]
    }
}
