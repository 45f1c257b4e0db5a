package dev.evenkeel.lb.examples.failures;

import java.util.ArrayList;
import java.util.List;

/**
 * A line of the comparison.
 *
 * @param condition what the servers do
 * @param protocol of the calls
 */
record ParityCell(ParityCondition condition, ParityProtocol protocol) {

    /** Every one, in the order of the table. */
    static List<ParityCell> all() {
        List<ParityCell> all = new ArrayList<>();
        for (ParityCondition condition : ParityCondition.values()) {
            all.addAll(of(condition));
        }
        return all;
    }

    /** Those of one condition. */
    static List<ParityCell> of(ParityCondition condition) {
        return condition.protocols().stream()
                .map(protocol -> new ParityCell(condition, protocol))
                .toList();
    }

    /** How a line of the table begins. */
    String title() {
        return "| " + condition.title() + " | " + protocol.title() + " |";
    }
}
