package dev.evenkeel.lb.examples.quickstart;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One run of the program, in this process.
 *
 * @param code its exit code
 * @param out what it printed
 * @param err what it complained of
 */
record Program(int code, String out, String err) {
    private static final Pattern LAST =
            Pattern.compile("calls sent (\\d+), calls failed (\\d+), distribution: (.+)", Pattern.DOTALL);
    private static final Pattern SHARE = Pattern.compile("([^ ,]+) (\\d+) \\(\\d+\\.\\d %\\)");

    static Program run(String... args) throws InterruptedException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int code = Quickstart.run(
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                false,
                args);
        return new Program(code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    List<String> lines() {
        return out.lines().toList();
    }

    /** The part of the last line that is a number or the distribution. */
    private String last(int group) {
        List<String> lines = lines();
        Matcher matcher = LAST.matcher(lines.isEmpty() ? "" : lines.get(lines.size() - 1));
        if (!matcher.matches()) {
            throw new AssertionError("no last line in:\n" + out + err);
        }
        return matcher.group(group);
    }

    long sent() {
        return Long.parseLong(last(1));
    }

    long failed() {
        return Long.parseLong(last(2));
    }

    Map<String, Long> distribution() {
        Map<String, Long> shares = new TreeMap<>();
        SHARE.matcher(last(3)).results().forEach(share -> shares.put(share.group(1), Long.valueOf(share.group(2))));
        return shares;
    }

    long answered() {
        return distribution().values().stream().mapToLong(Long::longValue).sum();
    }

    /** The requests that each table shows for a backend, from the first table to the last. */
    List<Long> requestsOf(String backend) {
        return Pattern.compile("^  " + Pattern.quote(backend) + " +\\S+ +\\D+ (\\d+) ", Pattern.MULTILINE)
                .matcher(out)
                .results()
                .map(row -> Long.valueOf(row.group(1)))
                .toList();
    }
}
