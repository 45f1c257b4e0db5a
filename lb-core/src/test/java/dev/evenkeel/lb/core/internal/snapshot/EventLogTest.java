package dev.evenkeel.lb.core.internal.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.HealthState;
import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.RequestContext;
import dev.evenkeel.lb.core.LoadBalancerBuilder;
import dev.evenkeel.lb.core.LogLines;
import dev.evenkeel.lb.core.PoolFixture;
import dev.evenkeel.lb.core.health.HealthCheckPolicy;
import dev.evenkeel.lb.core.health.OutlierDetectors;
import dev.evenkeel.lb.core.internal.runtime.PoolLog;
import dev.evenkeel.lb.core.strategy.Strategies;
import dev.evenkeel.lb.spi.BackendDiscovery;
import dev.evenkeel.lb.spi.HealthResult;
import dev.evenkeel.lb.spi.LoadBalancingStrategy;
import dev.evenkeel.lb.spi.Picker;
import dev.evenkeel.lb.spi.PickerContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.logging.Level;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What an operator reads in the log. */
class EventLogTest {
    private static final String[] THREE = {
        "http://10.0.0.1:8080", "http://10.0.0.2:8080", "http://10.0.0.3:8080",
    };
    private static final String TWO = "10.0.0.2:8080";

    private final PoolFixture fixture = new PoolFixture();
    private final Map<String, HealthResult> health = new TreeMap<>();

    private LoadBalancerBuilder checked(String... backends) {
        return fixture.builder(backends)
                .healthCheck(HealthCheckPolicy.builder((backend, timeout) -> CompletableFuture.completedFuture(
                                health.getOrDefault(backend.id(), HealthResult.healthy("HTTP 200"))))
                        .interval(Duration.ofSeconds(1))
                        .rise(1)
                        .fall(1)
                        .build());
    }

    private void find(String id, HealthResult result) {
        health.put(id, result);
        fixture.time.advance(Duration.ofSeconds(2));
    }

    private static final HealthResult REFUSED = HealthResult.unhealthy("connection refused");
    private static final HealthResult WELL = HealthResult.healthy("HTTP 200");

    private List<String> healthLines() {
        try (LogLines log = new LogLines("pool users: ");
                LoadBalancer pool = checked(THREE).build()) {
            fixture.time.advance(Duration.ofSeconds(2));
            find(TWO, REFUSED);
            find(TWO, WELL);
            find(TWO, new HealthResult(HealthState.DEGRADED, "HTTP 200, but slow"));
            return log.lines();
        }
    }

    @Test
    void backend_downAndUp_isOneLineEach() {
        assertThat(healthLines())
                .containsExactly(
                        "WARNING pool users: backend 10.0.0.2:8080 is DOWN: connection refused (2 of 3 up)",
                        "INFO pool users: backend 10.0.0.2:8080 is UP: HTTP 200 (3 of 3 up)",
                        "INFO pool users: backend 10.0.0.2:8080 is DEGRADED: HTTP 200, but slow (3 of 3 up)");
    }

    private List<String> emptyLines() {
        try (LogLines log = new LogLines("pool users: ");
                LoadBalancer pool = checked(THREE).build()) {
            pool.registry().maintenance(TWO);
            health.put("10.0.0.1:8080", REFUSED);
            find("10.0.0.3:8080", REFUSED);
            find("10.0.0.1:8080", WELL);
            List<String> lines = new ArrayList<>(log.lines());
            lines.removeIf(line -> line.contains("backend 10.0.0.1") || line.contains("backend 10.0.0.3"));
            return lines;
        }
    }

    @Test
    void pool_withoutAnyBackend_saysWhyAndWhenItIsOver() {
        assertThat(emptyLines())
                .containsExactly(
                        "INFO pool users: backend 10.0.0.2:8080 is in maintenance (2 of 3 up)",
                        "WARNING pool users: tier 0 is in PANIC: 0 % of its weight is healthy (0 of 3 up)",
                        "WARNING pool users: NO backend is available: 1 in maintenance, 2 down",
                        "INFO pool users: tier 0 is no longer in panic: 50 % of its weight is healthy (1 of 3 up)",
                        "INFO pool users: backends are available again (1 of 3 up)");
    }

    @Test
    void pool_closedWithoutAnyBackend_doesNotSayThatThereIsOneAgain() {
        try (LogLines log = new LogLines("pool users: ")) {
            try (LoadBalancer pool = fixture.builder(THREE).build()) {
                pool.snapshot()
                        .backends()
                        .forEach(status ->
                                pool.registry().maintenance(status.backend().id()));
            }
            assertThat(log.lines())
                    .anyMatch(line -> line.contains("NO backend is available"))
                    .noneMatch(line -> line.contains("again"));
        }
    }

    private List<String> ejectionLines() {
        try (LogLines log = new LogLines("pool users: ");
                LoadBalancer pool =
                        fixture.builder(THREE).strategy(Strategies.roundRobin()).build()) {
            PoolFixture.call(pool, 30);
            PoolFixture.call(pool, 9, Map.of(TWO, Outcome.SERVER_ERROR));
            fixture.time.advance(Duration.ofSeconds(3));
            return log.lines();
        }
    }

    @Test
    void backend_ejectedAndBack_isOneLineEach() {
        assertThat(ejectionLines()).hasSize(2).satisfies(lines -> {
            assertThat(lines.get(0))
                    .startsWith("WARNING pool users: backend 10.0.0.2:8080 is EJECTED for ")
                    .endsWith(" (2 of 3 up)");
            assertThat(lines.get(1))
                    .isEqualTo("INFO pool users: backend 10.0.0.2:8080 is back from its ejection (3 of 3 up)");
        });
    }

    private List<String> breakerLines() {
        try (LogLines log = new LogLines("pool users: ");
                LoadBalancer pool = fixture.builder(THREE)
                        .strategy(Strategies.roundRobin())
                        .outlierDetection(OutlierDetectors.none())
                        .build()) {
            for (int second = 0; second < 60; second++) {
                // It opens, tries and opens again, until its calls succeed.
                Map<String, Outcome> outcomes = second < 20 ? Map.of(TWO, Outcome.SERVER_ERROR) : Map.of();
                PoolFixture.call(pool, 60, outcomes);
                fixture.time.advance(Duration.ofSeconds(1));
            }
            return log.lines();
        }
    }

    @Test
    void breaker_opensAgainAfterItsTrials_isToldOnce() {
        assertThat(breakerLines()).hasSize(2).satisfies(lines -> {
            assertThat(lines.get(0))
                    .startsWith("WARNING pool users: the breaker of backend 10.0.0.2:8080 is OPEN: ")
                    .endsWith(" (2 of 3 up)");
            assertThat(lines.get(1)).startsWith("INFO pool users: the breaker of backend 10.0.0.2:8080 is closed: ");
        });
    }

    private List<String> operatorLines() {
        try (LogLines log = new LogLines("pool users: ");
                LoadBalancer pool = fixture.builder(THREE).build()) {
            Lease lease = PoolFixture.lease(pool);
            String id = lease.backend().id();
            pool.registry().drain(id);
            lease.complete(Outcome.SUCCESS);
            pool.registry().maintenance(id);
            pool.registry().activate(id);
            lease = PoolFixture.lease(pool);
            lease.restFor(Duration.ofSeconds(5));
            lease.complete(Outcome.THROTTLED);
            return log.lines().stream()
                    .map(line -> line.replaceAll("10\\.0\\.0\\.\\d", "10.0.0.2"))
                    .toList();
        }
    }

    @Test
    void operator_drainsMaintainsActivates_isOneLineEach() {
        assertThat(operatorLines())
                .containsExactly(
                        "INFO pool users: backend 10.0.0.2:8080 is draining (2 of 3 up)",
                        "INFO pool users: backend 10.0.0.2:8080 has ended its drain with 0 calls left",
                        "INFO pool users: backend 10.0.0.2:8080 is in maintenance (2 of 3 up)",
                        "INFO pool users: backend 10.0.0.2:8080 is active again (3 of 3 up)",
                        "INFO pool users: backend 10.0.0.2:8080 rests for 5 s, as it asked for (2 of 3 up)");
    }

    private List<String> tierLines() {
        try (LogLines log = new LogLines("pool users: ");
                LoadBalancer pool = checked(THREE)
                        .backend(Backend.builder("http://10.0.1.1:8080")
                                .priority(1)
                                .build())
                        .build()) {
            health.put("10.0.0.3:8080", REFUSED);
            find(TWO, REFUSED);
            List<String> lines = new ArrayList<>(log.lines());
            lines.removeIf(line -> !line.contains("tier"));
            return lines;
        }
    }

    @Test
    void tier_takesOver_isToldOfAPoolOfSeveralTiers() {
        assertThat(tierLines())
                .isNotEmpty()
                .allMatch(line -> line.matches(
                        "INFO pool users: tier \\d gets \\d+ % of the calls, and got \\d+ % \\(\\d of 4 up\\)"));
    }

    private static final class Source implements BackendDiscovery {
        private Receiver receiver;

        @Override
        public Watch start(Receiver given) {
            receiver = given;
            given.backends(List.of(Backend.of(THREE[0]), Backend.of(THREE[1])));
            return () -> {};
        }
    }

    private List<String> poolLines() {
        Source source = new Source();
        LoadBalancingStrategy bad = new LoadBalancingStrategy() {
            @Override
            public String name() {
                return "own";
            }

            @Override
            public Picker newPicker(PickerContext context) {
                return request -> {
                    throw new IllegalStateException("no idea");
                };
            }
        };
        try (LogLines log = new LogLines("pool users: ");
                LoadBalancer pool =
                        fixture.builder().discovery(source).strategy(bad).build()) {
            source.receiver.error(new IOException("connection refused"));
            source.receiver.error(new IOException("connection refused"));
            source.receiver.backends(List.of(Backend.of(THREE[0])));
            fixture.time.advance(PoolLog.PERIOD);
            source.receiver.ambientError(new IOException("1 of 3 entries are left out"));
            fixture.time.advance(PoolLog.PERIOD);
            assertThat(pool.acquire(RequestContext.NONE)).isNotInstanceOf(Lease.class);
            return log.lines();
        }
    }

    @Test
    void discoveryAndStrategy_fail_isOneLineEach() {
        assertThat(poolLines())
                .containsExactly(
                        "WARNING pool users: discovery failed: connection refused; the last list stays, with 2 backends",
                        "INFO pool users: discovery works again, with 1 backend",
                        "WARNING pool users: discovery failed in part: 1 of 3 entries are left out; the pool has 1"
                                + " backend",
                        "SEVERE pool users: strategy \"own\" threw java.lang.IllegalStateException: no idea;"
                                + " calls fail");
    }

    @Test
    void discoveryThatFailsAndWorksByTurns_isOneLine_inAMinute() {
        Source source = new Source();
        try (LogLines log = new LogLines("pool users: ");
                LoadBalancer pool = fixture.builder().discovery(source).build()) {
            for (int i = 0; i < 100; i++) {
                source.receiver.error(new IOException("key " + i + " is malformed"));
                source.receiver.backends(List.of(Backend.of(THREE[0])));
            }
            assertThat(log.lines())
                    .singleElement()
                    .asString()
                    .startsWith("WARNING pool users: discovery failed: key 0 is malformed");
            pool.close();
            assertThat(log.lines().subList(1, log.lines().size()))
                    .containsExactly(
                            "WARNING pool users: discovery works again, with 1 backend; the last of 199 changes"
                                    + " in 60 s");
        }
    }

    // The rate.

    private List<String> stormLines() {
        String[] many = IntStream.range(0, 100)
                .mapToObj(i -> "http://10.0.1." + i + ":8080")
                .toArray(String[]::new);
        try (LogLines log = new LogLines("pool users: ");
                LoadBalancer pool = checked(many).build()) {
            fixture.time.advance(Duration.ofSeconds(2));
            pool.snapshot()
                    .backends()
                    .forEach(status -> health.put(status.backend().id(), REFUSED));
            fixture.time.advance(Duration.ofSeconds(2));
            List<String> lines = new ArrayList<>(log.lines());
            assertThat(lines.stream().filter(line -> line.contains("is DOWN"))).hasSize(PoolLog.MAX_LINES);
            assertThat(lines).anyMatch(line -> line.contains("NO backend is available: 100 down"));
            int before = lines.size();
            fixture.time.advance(PoolLog.PERIOD);
            return log.lines().subList(before, log.lines().size());
        }
    }

    @Test
    void manyBackends_goDownAtOnce_restIsCountedLater() {
        assertThat(stormLines())
                .containsExactly("WARNING pool users: 80 more lines were left out, as there were more than 20 of this"
                        + " kind in 60 s");
    }

    @Test
    void flapping_forAnHour_costsABoundedNumberOfLines() {
        try (LogLines log = new LogLines("pool users: ");
                LoadBalancer pool = checked(THREE).build()) {
            for (int i = 0; i < 1_800; i++) {
                find(TWO, i % 2 == 0 ? REFUSED : WELL);
            }
            // Down and up have a bound each: 20 lines and one that counts, a minute.
            assertThat(log.lines()).hasSizeBetween(60 * 2, 60 * 2 * (PoolLog.MAX_LINES + 1));
            assertThat(pool.snapshot().backends()).hasSize(3);
        }
    }

    @Test
    void line_leftOut_isThereAtDebug() {
        try (LogLines log = new LogLines("pool users: ").from(Level.FINE);
                LoadBalancer pool = checked(THREE).build()) {
            for (int i = 0; i < 100; i++) {
                find(TWO, i % 2 == 0 ? REFUSED : WELL);
            }
            assertThat(log.records().stream().filter(line -> line.getMessage().contains(TWO + " is DOWN")))
                    .hasSize(50);
            assertThat(pool.snapshot().backends()).hasSize(3);
        }
    }

    @Test
    void pool_closed_tellsWhatWasLeftOut() {
        try (LogLines log = new LogLines("pool users: ")) {
            try (LoadBalancer pool = fixture.builder(THREE).build()) {
                for (int i = 0; i < 11; i++) {
                    pool.registry().maintenance(TWO);
                    pool.registry().activate(TWO);
                }
            }
            assertThat(log.lines()).last().asString().startsWith("INFO pool users: 2 more lines were left out");
            assertThat(fixture.time.pendingTimers()).isZero();
        }
    }

    @Test
    void debug_hasNoStackTrace_andTraceHasThatOfAFailedDiscovery() {
        Source source = new Source();
        try (LogLines log = new LogLines("pool users: ").from(Level.FINER);
                LoadBalancer pool = fixture.builder().discovery(source).build()) {
            source.receiver.error(new IOException("connection refused"));
            assertThat(pool.snapshot().backends()).hasSize(2);
            assertThat(log.records())
                    .filteredOn(line -> line.getThrown() != null)
                    .singleElement()
                    .satisfies(line -> assertThat(line.getLevel()).isEqualTo(Level.FINER));
        }
    }

    // What is foreign.

    @Test
    void cause_longAndWithControlCharacters_isOneBoundedLine() {
        try (LogLines log = new LogLines("pool users: ");
                LoadBalancer pool = checked(THREE).build()) {
            find(
                    TWO,
                    HealthResult.unhealthy("bad\r\nWARN fake line \u202Eright to left\u001B[31m" + "x".repeat(5_000)));

            assertThat(log.lines()).singleElement().asString().satisfies(line -> {
                assertThat(line)
                        .contains("is DOWN: bad\uFFFD\uFFFDWARN fake line \uFFFDright")
                        .hasSizeLessThan(400);
                assertThat(line.chars().noneMatch(c -> Character.isISOControl(c) || c == 0x202E))
                        .isTrue();
            });
            assertThat(pool.snapshot().backend(TWO).explanation()).doesNotContain("\n", "\u202E");
        }
    }

    @Test
    void backend_withANameOfItsOwn_isNamedWithItsAddress() {
        try (LogLines log = new LogLines("pool users: ");
                LoadBalancer pool = fixture.builder()
                        .backend(Backend.builder(THREE[0]).id("one").build())
                        .backend(Backend.builder(THREE[1]).id("two\uD83D").build())
                        .build()) {
            pool.registry().maintenance("two\uD83D");
            assertThat(log.lines())
                    .containsExactly(
                            "INFO pool users: backend two\uFFFD at 10.0.0.2:8080 is in maintenance (1 of 2 up)");
        }
    }

    // The page.

    @Test
    void page_listsTheLinesThatPoolsWrite() throws IOException {
        List<String> written = new ArrayList<>();
        written.addAll(healthLines());
        written.addAll(ejectionLines());
        written.addAll(breakerLines());
        health.clear();
        written.addAll(emptyLines());
        health.clear();
        written.addAll(tierLines().subList(0, 2));
        written.addAll(operatorLines());
        written.addAll(poolLines());
        health.clear();
        written.addAll(stormLines());
        List<String> table = written.stream()
                .distinct()
                .map(line -> line.replaceFirst("(\\w+) (.*)", "| $1 | `$2` |").replace("SEVERE", "ERROR"))
                .toList();
        List<String> page = Files.readAllLines(Path.of("../lb-okhttp/docs/logs.md"));
        List<String> rows =
                page.stream().filter(line -> line.contains("| `pool users: ")).toList();
        assertThat(rows.stream().map(row -> row.replaceFirst("` \\| [^|]+ \\|$", "` |")))
                .containsExactlyInAnyOrderElementsOf(table);
        assertThat(rows).as("what to do").allMatch(row -> row.matches(".*` \\| \\S[^|]+ \\|"));
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0 ms",
        "999, 999 ms",
        "1000, 1 s",
        "1049, 1 s",
        "1060, 1.1 s",
        "8050, 8.1 s",
        "9900, 9.9 s",
        "10000, 10 s",
        "10400, 10 s",
        "10600, 11 s",
        "600000, 600 s"
    })
    void duration_hasTwoDigits_orAsManyAsTheSeconds(long millis, String text) {
        assertThat(EventLog.text(Duration.ofMillis(millis))).isEqualTo(text);
    }
}
