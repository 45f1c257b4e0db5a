package dev.evenkeel.lb.benchmarks;

import java.util.Locale;

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
    static final String HEADER = "subject,backends,threads,round,nanos,bytes";

    String toCsv() {
        return String.format(Locale.ROOT, "%s,%d,%d,%d,%.2f,%.1f", subject, backends, threads, round, nanos, bytes);
    }

    static Measurement ofCsv(String line) {
        String[] fields = line.split(",", -1);
        return new Measurement(
                fields[0],
                Integer.parseInt(fields[1]),
                Integer.parseInt(fields[2]),
                Integer.parseInt(fields[3]),
                Double.parseDouble(fields[4]),
                Double.parseDouble(fields[5]));
    }
}
