package dev.evenkeel.lb.examples.failures;

import java.util.List;

/**
 * What one client met in a cell with calls of one method.
 *
 * @param calls made
 * @param failures why calls failed, one text for each
 * @param twice POSTs that the servers got more than once
 * @param connections that the client tried to open
 */
record ParityCount(int calls, List<String> failures, int twice, int connections) {

    int failed() {
        return failures.size();
    }
}
