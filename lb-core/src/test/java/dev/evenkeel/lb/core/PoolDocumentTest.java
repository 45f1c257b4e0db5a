package dev.evenkeel.lb.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.core.config.ConfigException;
import dev.evenkeel.lb.core.config.ConfigFault;
import dev.evenkeel.lb.core.document.PoolDocument;
import dev.evenkeel.lb.core.health.BreakerPolicy;
import dev.evenkeel.lb.core.health.HealthCheckPolicy;
import dev.evenkeel.lb.core.internal.document.PoolDefinition;
import dev.evenkeel.lb.core.internal.document.PoolForm;
import dev.evenkeel.lb.core.internal.document.schema.ConfigDocument;
import dev.evenkeel.lb.core.internal.runtime.PoolConfig;
import dev.evenkeel.lb.core.load.AgentCheck;
import dev.evenkeel.lb.core.load.LoadReportPolicy;
import dev.evenkeel.lb.core.strategy.Strategies;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PoolDocumentTest {
    private static final String WHOLE = """
            {
              "pools": [
                {
                  "name": "users",
                  "strategy": "roundRobin",
                  "backends": [
                    "http://10.0.0.1:8080",
                    {
                      "uri": "https://10.0.0.2", "id": "two", "weight": 3, "priority": 1, "zone": "a",
                      "maxInFlight": 100, "metadata": { "version": "2", "a b": "" }
                    }
                  ],
                  "healthCheck": { "type": "tcp", "interval": "5s", "timeout": "500ms", "rise": 4, "fall": 5 },
                  "loadReports": { "type": "agent", "port": 9707, "send": "x", "interval": "7s", "timeout": "300ms",
                                   "maxPerSecond": 20 },
                  "circuitBreaker": {
                    "enabled": true, "windowSize": 60, "minCalls": 20, "failureRatePercent": 12.5,
                    "openDuration": "2s", "maxOpenDuration": "1m", "halfOpenCalls": 7, "halfOpenTimeout": "1h"
                  },
                  "outlierDetection": "none"
                },
                { "name": "images", "backends": [ "http://10.0.0.3:8080" ] }
              ]
            }
            """;

    @TempDir
    Path directory;

    @Test
    void file_withEveryField_becomesPools() throws IOException {
        List<LoadBalancer> pools = PoolDocument.load(file(WHOLE));

        assertThat(pools).extracting(LoadBalancer::name).containsExactly("users", "images");
        assertThat(pools.get(0).snapshot().strategy()).isEqualTo("roundRobin");
        assertThat(pools.get(0).snapshot().backends())
                .extracting(status -> status.backend())
                .containsExactly(
                        Backend.of("http://10.0.0.1:8080"),
                        Backend.builder("https://10.0.0.2")
                                .id("two")
                                .weight(3)
                                .priority(1)
                                .zone("a")
                                .maxInFlight(100)
                                .metadata("version", "2")
                                .metadata("a b", "")
                                .build());
        pools.forEach(LoadBalancer::close);
    }

    @Test
    void policies_withEveryField_arriveInTheSettings() {
        PoolConfig settings = settings(read(WHOLE).get(0));

        HealthCheckPolicy check = settings.healthCheck();
        assertThat(check).isNotNull();
        assertThat(check.interval()).isEqualTo(Duration.ofSeconds(5));
        assertThat(check.timeout()).isEqualTo(Duration.ofMillis(500));
        assertThat(check.rise()).isEqualTo(4);
        assertThat(check.fall()).isEqualTo(5);
        LoadReportPolicy reports = settings.loadReports();
        assertThat(reports).isNotNull();
        assertThat(reports.source()).isInstanceOf(AgentCheck.class);
        assertThat(reports.interval()).isEqualTo(Duration.ofSeconds(7));
        assertThat(reports.timeout()).isEqualTo(Duration.ofMillis(300));
        assertThat(reports.maxPerSecond()).isEqualTo(20);
        assertThat(settings.breaker())
                .isEqualTo(BreakerPolicy.builder()
                        .windowSize(60)
                        .minCalls(20)
                        .failureRatePercent(12.5)
                        .openDuration(Duration.ofSeconds(2))
                        .maxOpenDuration(Duration.ofMinutes(1))
                        .halfOpenCalls(7)
                        .halfOpenTimeout(Duration.ofHours(1))
                        .build());
        assertThat(settings.outlierDetector()).isNotNull();
    }

    @Test
    void whatIsLeftOut_hasTheBuildersDefaults() {
        PoolConfig settings = settings(read(WHOLE).get(1));
        PoolConfig defaults = settings(LoadBalancers.builder("images").backends("http://10.0.0.3:8080"));

        assertThat(settings.backends()).isEqualTo(defaults.backends());
        assertThat(settings.strategy().name()).isEqualTo(defaults.strategy().name());
        assertThat(settings.breaker()).isEqualTo(defaults.breaker());
        assertThat(settings.outlierDetector()).isEqualTo(defaults.outlierDetector());
        assertThat(settings.healthCheck()).isNull();
        assertThat(settings.loadReports()).isNull();
    }

    @Test
    void breaker_disabled_isOff() {
        assertThat(settings(read(pool("\"circuitBreaker\": { \"enabled\": false }"))
                                .get(0))
                        .breaker())
                .isEqualTo(BreakerPolicy.off());
    }

    @Test
    void everyStrategy_canBeNamed() {
        for (String name : Strategies.names()) {
            assertThat(settings(read(pool("\"strategy\": \"" + name + "\"")).get(0))
                            .strategy()
                            .name())
                    .isEqualTo(name);
        }
    }

    @ParameterizedTest
    @CsvSource({"500ms,PT0.5S", "10s,PT10S", "1m,PT1M", "2h,PT2H", "1d,PT24H"})
    void duration_withUnit_isRead(String text, Duration expected) {
        assertThat(interval("\"" + text + "\"")).isEqualTo(expected);
    }

    // Faults.

    @Test
    void faults_ofAllKinds_areReportedTogetherWithPathValueAndRule() {
        ConfigException e = refusal("""
                {
                  "pools": [
                    {
                      "name": "a b",
                      "strategy": "rr",
                      "stratgy": "roundRobin",
                      "backends": [
                        "ftp://h:1",
                        "http://h:1",
                        { "uri": "http://h:1", "weight": 0, "priority": 200, "zone": " ", "maxInFlight": 0 },
                        { "id": "c", "weight": "3", "metadata": { "k": 1, "": "v" } },
                        7
                      ],
                      "healthCheck": { "type": "ping", "interval": "2 s", "timeout": 1, "rise": 0, "fall": 101 },
                      "loadReports": { "type": "psychic", "port": 0, "send": 1, "interval": "0s", "timeout": "2h" },
                      "circuitBreaker": { "enabled": 1, "windowSize": 5, "minCalls": 10, "failureRatePercent": 0, "openDuration": "0s" },
                      "outlierDetection": true
                    },
                    { "name": "users", "backends": [] },
                    { "name": "Users", "backends": [ { "uri": "http://a:1", "id": "x" }, { "uri": "?", "id": "x" } ] },
                    []
                  ],
                  "routes": []
                }
                """);

        assertThat(e.faults())
                .extracting(ConfigFault::toString)
                .containsExactly(
                        "$.pools[0].name: pool name must be a host name or an IP literal, of letters, digits, dots,"
                                + " hyphens and underscores: \"a b\"",
                        "$.pools[0].strategy: " + refusalOfStrategy("rr"),
                        "$.pools[0].backends[0]: backend URI must have the scheme http, https, tcp or udp: \"ftp://h:1\""
                                + " has \"ftp\"",
                        "$.pools[0].backends[2].weight: weight must be 1..65535: 0; to send a backend nothing, drain it or"
                                + " put it into maintenance",
                        "$.pools[0].backends[2].priority: priority must be 0..127: 200",
                        "$.pools[0].backends[2].zone: zone must not be blank: \" \"",
                        "$.pools[0].backends[2].maxInFlight: maxInFlight must be at least 1: 0",
                        "$.pools[0].backends[2]: duplicate backend id \"h:1\"; the first is $.pools[0].backends[1]",
                        "$.pools[0].backends[3].uri: is required",
                        "$.pools[0].backends[3].weight: must be a whole number: \"3\"",
                        "$.pools[0].backends[3].metadata.k: must be a string: 1",
                        "$.pools[0].backends[3].metadata['']: metadata key must not be blank: \"\"",
                        "$.pools[0].backends[4]: must be a string or an object: 7",
                        "$.pools[0].healthCheck.type: unknown health check \"ping\"; expected one of tcp",
                        "$.pools[0].healthCheck.interval: must be a duration such as \"500ms\", \"10s\" or \"1m\" (units ms,"
                                + " s, m, h, d): \"2 s\"",
                        "$.pools[0].healthCheck.timeout: must be a duration such as \"500ms\", \"10s\" or \"1m\": 1",
                        "$.pools[0].healthCheck.rise: health check rise must be 1..100: 0",
                        "$.pools[0].healthCheck.fall: health check fall must be 1..100: 101",
                        "$.pools[0].loadReports.type: unknown source of load reports \"psychic\"; expected one of agent",
                        "$.pools[0].loadReports.port: agent's port must be 1..65535: 0",
                        "$.pools[0].loadReports.send: must be a string: 1",
                        "$.pools[0].loadReports.interval: load reports' interval must be 1 ms to 1 h: PT0S",
                        "$.pools[0].loadReports.timeout: load reports' timeout must be 1 ms to 1 h: PT2H",
                        "$.pools[0].circuitBreaker.enabled: must be true or false: 1",
                        "$.pools[0].circuitBreaker.failureRatePercent: breaker failureRatePercent must be greater than 0 and"
                                + " at most 100: 0.0",
                        "$.pools[0].circuitBreaker.openDuration: breaker openDuration must be positive (at most 36500 days):"
                                + " PT0S",
                        "$.pools[0].circuitBreaker: breaker minCalls must be 1..windowSize (5): 10",
                        "$.pools[0].outlierDetection: must be a string or an object: true",
                        "$.pools[0].stratgy: unknown field; expected one of name, strategy, backends, healthCheck,"
                                + " loadReports, circuitBreaker, outlierDetection, ejection, maxRetryAfter, priorities, panic, zones,"
                                + " slowStart, limits, subsets, sessionIdleTimeout, drains, maxStreamDuration, logDecisions, discovery, honourEmptyDiscovery, initialDiscoveryTimeout",
                        "$.pools[1].backends: must have at least one element",
                        "$.pools[2].name: duplicate pool name \"Users\"; the first is $.pools[1].name",
                        "$.pools[2].backends[1].uri: backend URI must have a scheme and a host, such as"
                                + " http://10.0.0.1:8080: \"?\"",
                        "$.pools[2].backends[1]: duplicate backend id \"x\"; the first is $.pools[2].backends[0]",
                        "$.pools[3]: must be an object: []",
                        "$.routes: unknown field; expected one of pools");
        assertThat(e.faults().get(1)).extracting(ConfigFault::value).isEqualTo("\"rr\"");
        assertThat(e).hasMessageStartingWith("test has 35 faults:\n  $.pools[0].name: pool name must be");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    ''                            | $: must be an object: there is nothing
                    []                            | $: must be an object: []
                    null                          | $: must be an object: null
                    {}                            | $.pools: is required
                    {"pools":null}                | $.pools: must be an array: null
                    {"pools":{}}                  | $.pools: must be an array: {}
                    {"pools":[]}                  | $.pools: must have at least one element
                    {"pools":[{"backends":["http://h"]}]} | $.pools[0].name: is required
                    {"pools":[{"name":"a"}]}      | $.pools[0].backends: is required
                    """)
    void document_ofAnotherShape_isRefused(String text, String fault) {
        assertThat(refusal(text == null ? "" : text).faults())
                .extracting(ConfigFault::toString)
                .containsExactly(fault);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{",
                "{\"pools\":[}",
                "{\"pools\":[]} x",
                "{\"a\":1,\"a\":2}",
                "{'pools':[]}",
                "// c\n{}",
                "{\"a\":NaN}",
                "{\"a\":01}",
                "{\"a\":\"\u0001\"}"
            })
    void text_thatIsNotJson_isRefusedWithItsPlace(String text) {
        assertThat(refusal(text).faults())
                .singleElement()
                .asString()
                .matches("\\$: is not JSON at line [12], column \\d+: (?!.*Source).+");
    }

    @Test
    void bytes_thatAreNotUtf8_areRefused() {
        byte[] bytes = {'{', '"', (byte) 0xC3, (byte) 0x28, '"', ':', '1', '}'};

        assertThat(refusal(bytes).faults()).singleElement().asString().startsWith("$: is not JSON");
    }

    @Test
    void text_tooDeepTooLongOrTooBig_isRefusedEarly() {
        assertThat(refusal("[".repeat(100_000)).faults())
                .singleElement()
                .asString()
                .contains("nesting depth (21) exceeds");
        assertThat(refusal("{\"pools\":\"" + "x".repeat(100_000) + "\"}").faults())
                .singleElement()
                .asString()
                .contains("exceeds the maximum allowed (65536");
        assertThat(refusal("{\"pools\":" + "1".repeat(1_000) + "}").faults()).hasSize(1);
        assertThat(refusal(" ".repeat(2_000_000)).faults())
                .extracting(ConfigFault::toString)
                .containsExactly("$: must have at most 1048576 bytes");
    }

    @Test
    void faults_beyondAHundred_areCutOff() {
        String backends = "[" + "1,".repeat(200_000) + "1]";

        assertThat(refusal("{\"pools\":[{\"name\":\"a\",\"backends\":" + backends + "}]}")
                        .faults())
                .hasSize(100);
    }

    @Test
    void faultTexts_areEscapedCutAndWithoutPasswords() {
        ConfigException e = refusal("{\"pools\":[{\"name\":\"a\",\"backends\":[\"http://u:se\\ncret@h:1\","
                + "\"http://u:secret@h:1\",{\"uri\":\"http://u:secret@h:1 \"}],\"strategy\":\"a\\r\\nb\",\"x\\u0000y\":\""
                + "z".repeat(5_000) + "\"}]}");

        assertThat(e.getMessage()).doesNotContain("cret", "\r", "\u0000").hasSizeLessThan(2_000);
        assertThat(e.faults()).hasSize(5).noneMatch(fault -> fault.value().contains("cret"));
        assertThat(e.getMessage().lines()).hasSize(6);
        assertThat(e.getMessage()).contains("unknown strategy \"a\\u000d\\u000ab\";", "$.pools[0]['x\\u0000y']");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"1", "\"\"", "\"s\"", "\"-1s\"", "\"1.5s\"", "\"1S\"", "\"99999999999s\"", "\"1w\"", "null"})
    void duration_ofAnotherForm_isRefused(String json) {
        assertThat(refusal(healthCheck(json)).faults())
                .singleElement()
                .asString()
                .startsWith("$.pools[0].healthCheck.interval: must be a duration such as \"500ms\", \"10s\" or \"1m\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"1.0", "1e3", "99999999999", "-1", "true", "null", "\"1\""})
    void weight_thatIsNoWeight_isRefused(String json) {
        assertThat(refusal(pool("\"backends\": [ { \"uri\": \"http://h\", \"weight\": " + json + " } ]"))
                        .faults())
                .singleElement()
                .extracting(ConfigFault::path)
                .isEqualTo("$.pools[0].backends[0].weight");
    }

    @Test
    void text_ofRandomNoise_isAlwaysEitherReadOrRefusedAsAConfiguration() {
        readNoise(2_000);
    }

    @Test
    @Tag("mutations")
    void text_ofMuchRandomNoise_isAlwaysEitherReadOrRefusedAsAConfiguration() {
        readNoise(Integer.getInteger("evenkeel.mutations", 1_000_000) / 10);
    }

    private void readNoise(int rounds) {
        Random random = new Random(42);
        byte[] whole = WHOLE.getBytes(StandardCharsets.UTF_8);
        for (int round = 0; round < rounds; round++) {
            byte[] noisy = whole.clone();
            for (int i = random.nextInt(4); i >= 0; i--) {
                int at = random.nextInt(noisy.length);
                noisy[at] = random.nextBoolean() ? (byte) random.nextInt(256) : whole[random.nextInt(whole.length)];
            }
            try {
                read(noisy);
            } catch (ConfigException e) {
                assertThat(e.faults()).isNotEmpty();
            }
        }
    }

    @Test
    void secretOfAFile_isReadEachTime_andNeedsTheFile() throws IOException {
        Path secret = Files.writeString(directory.resolve("token"), "first\n");
        Path document = file("""
                { "pools": [ { "name": "users", "backends": [
                  { "uri": "http://10.0.0.1:8080", "metadata": { "token": "Bearer ${file:%s}" } } ] } ] }
                """.formatted(secret));
        assertThat(token(document)).isEqualTo("Bearer first");

        Files.writeString(secret, "second\n");
        assertThat(token(document)).isEqualTo("Bearer second");

        Files.delete(secret);
        assertThatThrownBy(() -> PoolDocument.load(document))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("$.pools[0].backends[0].metadata.token: ")
                .hasMessageContaining(secret.toString());
    }

    private static String token(Path document) throws IOException {
        try (LoadBalancer pool = PoolDocument.load(document).get(0)) {
            return pool.snapshot().backends().get(0).backend().metadata().get("token");
        }
    }

    @Test
    void file_thatIsMissing_isAnIoException() {
        assertThatThrownBy(() -> PoolDocument.load(directory.resolve("none.json")))
                .isInstanceOf(NoSuchFileException.class);
    }

    @Test
    void file_withAFault_isNamedInTheMessage() throws IOException {
        Path file = file("{}");

        assertThatThrownBy(() -> PoolDocument.load(file))
                .isInstanceOf(ConfigException.class)
                .hasMessage(file + " has a fault:\n  $.pools: is required");
    }

    private static String refusalOfStrategy(String name) {
        IllegalArgumentException e =
                catchThrowableOfType(IllegalArgumentException.class, () -> Strategies.byName(name));
        assertThat(e).hasMessageStartingWith("unknown strategy \"" + name + "\"");
        return e.getMessage();
    }

    private Duration interval(String json) {
        HealthCheckPolicy check = settings(read(healthCheck(json)).get(0)).healthCheck();
        assertThat(check).isNotNull();
        return check.interval();
    }

    private static String healthCheck(String interval) {
        return pool("\"healthCheck\": { \"type\": \"tcp\", \"interval\": " + interval + " }");
    }

    /** A pool with more fields; its backends may be among them. */
    private static String pool(String fields) {
        String backends = fields.startsWith("\"backends\"") ? "" : "\"backends\": [ \"http://h\" ], ";
        return "{ \"pools\": [ { \"name\": \"a\", " + backends + fields + " } ] }";
    }

    private static PoolConfig settings(LoadBalancerBuilder builder) {
        return builder.scheduler(new VirtualTime()).config();
    }

    private static ConfigException refusal(String text) {
        return refusal(text.getBytes(StandardCharsets.UTF_8));
    }

    private static ConfigException refusal(byte[] text) {
        ConfigException e = catchThrowableOfType(ConfigException.class, () -> read(text));
        assertThat(e).isNotNull();
        return e;
    }

    private static List<LoadBalancerBuilder> read(String text) {
        return read(text.getBytes(StandardCharsets.UTF_8));
    }

    static List<LoadBalancerBuilder> read(byte[] text) {
        return new ConfigDocument("test", text)
                .read(PoolForm.document()).value().stream()
                        .map(PoolDefinition::builder)
                        .toList();
    }

    private Path file(String text) throws IOException {
        return Files.writeString(directory.resolve("pools.json"), text);
    }
}
