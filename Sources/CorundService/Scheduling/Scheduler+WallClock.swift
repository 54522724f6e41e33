import CorundAPI
import CorundLoop

extension Scheduler {
    /// Somebody has set the wall clock, perhaps: jobs that wait for a time of day come at that time of the new one.
    func wallClockWasSet() {
        agenda.clocks = ClockReading(wallClock, loop)
        setAgendaAlarm()
    }
}
