package dev.evenkeel.lb.examples.failures;

/**
 * How many calls each client of the comparison makes in a cell.
 *
 * @param rotationThreads that call without a pause while connections are rotated
 * @param rotationCalls of each of them where a connection lasts for 100 requests: more than that; half as many where it lasts for fewer
 * @param restartCalls of each of 32 threads while servers restart
 * @param streamBursts of calls at once, more than a connection has streams
 * @param idleBursts of calls at once, with pauses of about 50 ms between them; a fifth as many with pauses of about 300 ms
 */
record ParityPlan(int rotationThreads, int rotationCalls, int restartCalls, int streamBursts, int idleBursts) {

    /** For a table to be read. */
    static ParityPlan full() {
        return new ParityPlan(32, 125, 40, 5, 100);
    }

    /** For a test. */
    static ParityPlan brief() {
        return new ParityPlan(8, 125, 16, 2, 30);
    }
}
