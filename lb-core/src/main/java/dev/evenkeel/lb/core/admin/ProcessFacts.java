package dev.evenkeel.lb.core.admin;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.StringJoiner;

/** Which process a page is of: version, host, process id and uptime. */
final class ProcessFacts {
    private static final String VERSION = Optional.ofNullable(
                    ProcessFacts.class.getPackage().getImplementationVersion())
            .or(() -> Optional.ofNullable(ProcessFacts.class.getModule().getDescriptor())
                    .flatMap(module -> module.rawVersion()))
            .orElse("");
    private static final String HOST = host();

    private ProcessFacts() {}

    /** Such as {@code Evenkeel 0.1.0 · host web-3 · process 4711 · up 3 h}. */
    static String text(long nowMillis) {
        StringJoiner text = new StringJoiner(" \u00b7 ");
        text.add(VERSION.isEmpty() ? "Evenkeel" : "Evenkeel " + VERSION);
        text.add("host " + HOST);
        ProcessHandle process = ProcessHandle.current();
        text.add("process " + process.pid());
        process.info()
                .startInstant()
                .map(start -> Duration.ofMillis(Math.max(0, nowMillis - start.toEpochMilli())))
                .ifPresent(up -> text.add("up " + ShortDuration.text(up)));
        return text.toString();
    }

    /** Without a look-up in DNS, which may take seconds. */
    private static String host() {
        for (String variable : new String[] {"HOSTNAME", "COMPUTERNAME"}) {
            String name = System.getenv(variable);
            if (name != null && !name.isBlank()) {
                return name;
            }
        }
        try {
            return Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
        } catch (IOException | SecurityException e) {
            System.getLogger("dev.evenkeel.lb").log(System.Logger.Level.TRACE, "the host has no name", e);
            return "unknown";
        }
    }
}
