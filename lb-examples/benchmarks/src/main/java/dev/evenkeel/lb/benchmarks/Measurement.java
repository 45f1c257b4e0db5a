package dev.evenkeel.lb.benchmarks;

import dev.evenkeel.lb.benchmarks.subject.Entry;
import dev.evenkeel.lb.examples.common.Table;
import java.util.List;

/**
 * What one fork measured.
 *
 * @param subject an {@link Entry#id}, or one that {@link CallBenchmark} made
 * @param backends how many there were
 * @param threads how many chose at once
 * @param round which of the rounds; only figures of one round are compared with each other
 * @param nanos nanoseconds of processor time an operation, on each thread: the clock on the wall times {@link CpuShare}
 * @param bytes bytes allocated an operation
 */
record Measurement(String subject, int backends, int threads, int round, double nanos, double bytes) {
    static final List<String> COLUMNS = List.of("subject", "backends", "threads", "round", "nanos", "bytes");

    void addTo(Table table) {
        table.add(subject, backends, threads, round, Table.rounded(2, nanos), Table.rounded(1, bytes));
    }

    static Measurement of(Table.Row row) {
        return new Measurement(
                row.text("subject"),
                Integer.parseInt(row.text("backends")),
                Integer.parseInt(row.text("threads")),
                Integer.parseInt(row.text("round")),
                row.number("nanos"),
                row.number("bytes"));
    }

    /** What is chosen, how much of a call it covers, and the rest. */
    private String[] parts() {
        return subject.split("/", 3);
    }

    private boolean isWholeCall() {
        return parts()[1].equals("okhttp");
    }

    /** What it is compared within: everything before the owner in the subject, and the threads. */
    String group() {
        String rest = parts()[2];
        return isWholeCall()
                ? "whole call, " + rest.substring(0, rest.indexOf('/'))
                : parts()[0] + ", " + parts()[1] + ", " + (threads == 1 ? "1 thread" : threads + " threads");
    }

    /** What it is called there. */
    String name() {
        String rest = parts()[2];
        return isWholeCall() ? rest.substring(rest.indexOf('/') + 1) : rest;
    }
}
