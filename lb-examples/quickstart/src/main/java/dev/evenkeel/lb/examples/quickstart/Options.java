package dev.evenkeel.lb.examples.quickstart;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import okhttp3.HttpUrl;
import org.jspecify.annotations.Nullable;

/** What the command line says. */
record Options(
        boolean help,
        @Nullable Path config,
        @Nullable HttpUrl url,
        int requests,
        int concurrency,
        Duration duration,
        @Nullable Path certificates,
        Http http,
        boolean plain) {

    /** Which version of HTTP to speak. */
    enum Http {
        NEGOTIATED,
        ONE,
        TWO
    }

    static final String USAGE = """
            usage: quickstart [--seconds N] [--concurrency C] [--plain]
                     calls embedded servers while one is killed, restarted, added, drained
                   quickstart --config FILE --url URL [--requests N] [--concurrency C]
                              [--ca FILE] [--http1 | --http2] [--plain]
                     calls servers that exist
              --seconds N      how long, 2..3600; default 10
              --config FILE    the pools, as JSON
              --url URL        what to get; its host is the name of a pool
              --requests N     how many calls, 1..1000000000; default 1000
              --concurrency C  how many at a time, 1..1000; default 16
              --ca FILE        trust the certificates in this PEM file, and no others
              --http1          never HTTP/2
              --http2          always HTTP/2: with prior knowledge for http, or else the call counts as failed
              --plain          a new table each time, even on a terminal
              --help           this text
            Exits with 0 if no call failed, 1 if any did, 2 if it could not begin.
            """;

    /** The command line cannot be understood. */
    static final class UsageException extends Exception {
        private static final long serialVersionUID = 1;

        UsageException(String message) {
            super(message);
        }
    }

    static Options parse(String... args) throws UsageException {
        return new Parser(List.of(args).iterator()).parse();
    }

    private static final class Parser {
        private final Iterator<String> args;
        private final Set<String> seen = new LinkedHashSet<>();
        private boolean help;
        private boolean plain;
        private @Nullable Path config;
        private @Nullable HttpUrl url;
        private @Nullable Path certificates;
        private int requests = 1_000;
        private int concurrency = 16;
        private int seconds = 10;
        private Http http = Http.NEGOTIATED;

        Parser(Iterator<String> args) {
            this.args = args;
        }

        Options parse() throws UsageException {
            while (args.hasNext()) {
                String option = args.next();
                if (!seen.add(option)) {
                    throw new UsageException("option \"" + option + "\" is given twice");
                }
                take(option);
            }
            if (!help) {
                checkTogether();
            }
            return new Options(
                    help, config, url, requests, concurrency, Duration.ofSeconds(seconds), certificates, http, plain);
        }

        private void take(String option) throws UsageException {
            switch (option) {
                case "--help", "-h" -> help = true;
                case "--plain" -> plain = true;
                case "--config" -> config = path(option);
                case "--url" -> url = url(value(option));
                case "--requests" -> requests = number(option, 1, 1_000_000_000);
                case "--concurrency" -> concurrency = number(option, 1, 1_000);
                case "--seconds" -> seconds = number(option, 2, 3_600);
                case "--ca" -> certificates = path(option);
                case "--http1" -> http = Http.ONE;
                case "--http2" -> http = Http.TWO;
                default -> throw new UsageException("unknown option \"" + option + "\"");
            }
        }

        private void checkTogether() throws UsageException {
            if (seen.contains("--config") != seen.contains("--url")) {
                throw new UsageException("--config and --url go together");
            }
            if (seen.contains("--http1") && seen.contains("--http2")) {
                throw new UsageException("--http1 and --http2 exclude each other");
            }
            if (config != null && seen.contains("--seconds")) {
                throw new UsageException("--seconds is for the embedded servers; with --config say --requests");
            }
            for (String option : List.of("--requests", "--ca", "--http1", "--http2")) {
                if (config == null && seen.contains(option)) {
                    throw new UsageException(option + " needs --config and --url");
                }
            }
        }

        private String value(String option) throws UsageException {
            if (!args.hasNext()) {
                throw new UsageException(option + " needs a value");
            }
            return args.next();
        }

        private Path path(String option) throws UsageException {
            String value = value(option);
            try {
                return Path.of(value);
            } catch (java.nio.file.InvalidPathException e) {
                throw new UsageException(option + " must be a file: " + e.getMessage());
            }
        }

        private int number(String option, int least, int most) throws UsageException {
            String value = value(option);
            try {
                int number = Integer.parseInt(value);
                if (number >= least && number <= most) {
                    return number;
                }
            } catch (NumberFormatException e) {
                // Told below.
            }
            throw new UsageException(option + " must be " + least + ".." + most + ": \"" + value + "\"");
        }

        private static HttpUrl url(String value) throws UsageException {
            HttpUrl url = HttpUrl.parse(value);
            if (url == null) {
                throw new UsageException("--url must be an http or https URL: \"" + value + "\"");
            }
            return url;
        }
    }
}
