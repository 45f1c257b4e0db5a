package dev.evenkeel.lb.okhttp.internal.document;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.core.config.ConfigException;
import dev.evenkeel.lb.core.config.ConfigFault;
import dev.evenkeel.lb.okhttp.Calls;
import dev.evenkeel.lb.okhttp.HedgingCallFactory;
import dev.evenkeel.lb.okhttp.LoadBalancing;
import dev.evenkeel.lb.okhttp.TestBackend;
import dev.evenkeel.lb.okhttp.config.LiveConfig;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A document becomes pools and clients that do what it says. */
@Timeout(60)
class ClientFormTest {
    /** Says everything that there is to be said once. */
    static final String WHOLE = """
            {
              "pools": [
                {
                  "name": "api", "backends": [ "http://127.0.0.1:1", "http://127.0.0.1:2" ],
                  "healthCheck": {
                    "type": "http", "method": "HEAD", "path": "/healthz?deep=1", "headers": { "X-Check": "yes" },
                    "expectStatus": [ "200-299", "404" ], "expectBody": "ok|fine", "ownHosts": true, "interval": "1h"
                  },
                  "loadReports": {
                    "type": "http", "path": "/load", "cpu": "/cpu", "memory": "/memory", "utilization": "/all", "qps": "/qps",
                    "eps": "/eps", "metrics": { "queue": "/queue/0" }, "ownHosts": false, "interval": "1h"
                  }
                },
                {
                  "name": "next", "backends": [ "http://127.0.0.1:3" ],
                  "healthCheck": { "type": "grpc", "service": "users.Users", "interval": "1h" }
                }
              ],
              "routes": [
                {
                  "name": "canary",
                  "host": [ "api.example.com", "*.example.org" ], "path": "/exact", "pathPrefix": [ "/a", "/b/" ],
                  "pathRegex": "/u/\\\\d+", "method": [ "GET", "POST" ],
                  "header": { "X-Stage": "canary", "X-Debug": { "type": "present" } },
                  "cookie": { "who": [ { "type": "matches", "regex": "[a-z]+" }, { "type": "is", "value": "me" } ] },
                  "query": { "q": { "type": "absent" } },
                  "to": {
                    "shares": [ { "pool": "api", "weight": 95 }, { "pool": "next", "weight": 5 } ],
                    "sticky": { "type": "header", "name": "X-User" }
                  },
                  "rewritePath": { "type": "regex", "regex": "^/a/(.*)", "replacement": "/$1" },
                  "requestHeaders": [
                    { "type": "set", "name": "X-Tenant", "value": "7" }, { "type": "add", "name": "Via", "value": "us" },
                    { "type": "remove", "name": "X-Debug" }
                  ],
                  "responseHeaders": [ { "type": "remove", "name": "Server" } ],
                  "forwarded": { "forwarded": "set" },
                  "retries": { "maxAttempts": 1 },
                  "timeout": "2s", "connectTimeout": "1s", "readTimeout": "1s", "writeTimeout": "1s",
                  "hedging": { "delay": "50ms" },
                  "affinityKey": [
                    { "type": "cookie", "name": "who" }, { "type": "query", "name": "q" }, { "type": "path" },
                    { "type": "pathSegment", "index": 1 }, { "type": "pathRegex", "regex": "/u/(.+)" },
                    { "type": "clientAddress", "from": [ "tag", "forwardedFor", "forwarded" ] }, { "type": "tag" }
                  ],
                  "clientAddress": "tag",
                  "subset": { "version": "2" }
                },
                { "name": "mirrored", "host": "shop.example.com", "stripPrefix": "/v1", "to": "api", "mirror": "next" },
                {
                  "name": "mirrored in part", "host": "more.example.com", "to": "api",
                  "mirror": [
                    { "pool": "next", "percent": 10, "maxInFlight": 5, "timeout": "1s", "maxBodySize": "64KiB" }
                  ],
                  "rewritePath": { "type": "prefix", "prefix": "/v1", "replacement": "/v2" }
                }
              ],
              "addressing": "steer",
              "bypassProxy": true,
              "retries": {
                "maxAttempts": 4, "on": [ "neverSent", "status" ], "statuses": [ 503 ], "idempotentMethods": [ "GET" ],
                "attemptTimeout": "3s", "backoff": { "initialInterval": "25ms", "maxInterval": "250ms" }, "maxRetryAfter": "1s",
                "budget": { "type": "percentOfCalls", "percent": 20, "minRetriesPerSecond": 10 }
              },
              "hedging": { "multipleOfP95": 3, "budget": { "type": "tokens", "maxTokens": 100, "tokenRatio": 0.1 } },
              "outcomes": [ { "from": 404, "outcome": "serverError" }, { "from": 410, "to": 419, "outcome": "failed" } ],
              "affinityKey": { "type": "header", "name": "X-User" },
              "clientAddress": [ "tag", "forwarded" ],
              "sessions": {
                "key": { "type": "cookie", "name": "SESSION" }, "maxSessions": 10, "idleTimeout": "1h",
                "cookie": { "name": "SRV", "naming": "metadata", "metadataKey": "cookie", "part": "beforeTilde" }
              },
              "subset": { "stage": "live" },
              "connections": {
                "lanes": 2, "maxAge": "10m", "maxAgeJitterPercent": 5,
                "warmUp": { "connections": 2, "path": "/warm", "timeout": "1s" }
              },
              "forwarded": {
                "forwardedFor": "append", "host": "set", "proto": "remove", "port": "off", "forwarded": "off",
                "requestId": "append", "requestIdHeader": "X-Correlation-Id"
              },
              "credentials": { "127.0.0.1:1": { "Authorization": "Bearer ${TOKEN:none}" } },
              "maxIdleConnections": 50,
              "keepAliveDuration": "90s",
              "reloadInterval": "0s"
            }
            """;

    @TempDir
    Path directory;

    @Test
    void document_withEveryField_isRead_andWrittenAsWhatIsReadAsTheSame() {
        try (LiveConfig config = LiveConfig.start(WHOLE)) {
            assertThat(config.pools()).extracting(LoadBalancer::name).containsExactly("api", "next");
            OkHttpClient client = config.attach(new OkHttpClient());
            assertThat(LoadBalancing.interceptor(client).orElseThrow().routes().routes())
                    .extracting(route -> route.name())
                    .containsExactly("canary", "mirrored", "mirrored in part");

            String written = config.toConfig();

            assertThat(written).contains("Bearer ${TOKEN:none}");
            assertThat(config.reload(written)).isFalse();
            try (LiveConfig again = LiveConfig.start(written)) {
                assertThat(again.toConfig()).isEqualTo(written);
            }
        }
    }

    @Test
    void routes_sendRequestsToThePoolsThatTheyName() throws IOException {
        try (TestBackend api = TestBackend.start("api");
                TestBackend images = TestBackend.start("images");
                LiveConfig config = LiveConfig.start(file("""
                        {
                          "pools": [
                            { "name": "api", "backends": [ "%s" ] },
                            { "name": "images", "backends": [ "%s" ] }
                          ],
                          "routes": [
                            { "name": "api", "host": "www.example.com", "pathPrefix": "/api/", "to": "api" },
                            {
                              "name": "images", "host": "www.example.com", "pathPrefix": "/images/", "to": "images",
                              "stripPrefix": "/images", "requestHeaders": [ { "type": "set", "name": "X-From", "value": "us" } ]
                            }
                          ]
                        }
                        """.formatted(api.uri(), images.uri())))) {
            OkHttpClient client = config.attach(new OkHttpClient());

            assertThat(Calls.body(client, "http://www.example.com/api/users")).isEqualTo("api");
            assertThat(Calls.body(client, "http://www.example.com/images/1.png"))
                    .isEqualTo("images");
            assertThat(Calls.body(client, "http://images/2.png")).isEqualTo("images");
            assertThat(images.requests().get(0).getTarget()).isEqualTo("/1.png");
            assertThat(images.requests().get(0).getHeaders().get("X-From")).isEqualTo("us");
        }
    }

    @Test
    void credentials_areTheBackendsOwn_fromTheEnvironment() throws IOException {
        try (TestBackend a = TestBackend.start("a");
                LiveConfig config = LiveConfig.builder(new StringReader("""
                                {
                                  "pools": [ { "name": "users", "backends": [ { "uri": "%s", "id": "a" } ] } ],
                                  "credentials": { "a": { "Authorization": "Bearer ${TOKEN}" }, "b": { "Authorization": "no" } }
                                }
                                """.formatted(a.uri())))
                        .environment(Map.of("TOKEN", "hush")::get)
                        .start()) {
            assertThat(Calls.body(config.attach(new OkHttpClient()), "http://users/x"))
                    .isEqualTo("a");

            assertThat(a.requests().get(0).getHeaders().get("Authorization")).isEqualTo("Bearer hush");
            assertThat(config.toConfig()).contains("${TOKEN}").doesNotContain("hush");
        }
    }

    @Test
    void callFactory_hedgesAsTheDocumentSays() throws Exception {
        try (TestBackend slow = TestBackend.start("slow");
                TestBackend fast = TestBackend.start("fast");
                LiveConfig config = LiveConfig.start("""
                        {
                          "pools": [
                            { "name": "users", "strategy": "roundRobin", "backends": [ "%s", "%s" ] }
                          ],
                          "hedging": { "delay": "20ms", "budget": { "type": "unlimited" } }
                        }
                        """.formatted(slow.uri(), fast.uri()))) {
            slow.answer(slow.named()
                    .headersDelay(30, java.util.concurrent.TimeUnit.SECONDS)
                    .build());
            Request request = Calls.get("http://users/x");
            HedgingCallFactory calls = config.callFactory(new OkHttpClient());

            assertThat(calls.newCall(request).execute().body().string()).isEqualTo("fast");
            assertThat(calls.newCall(request).execute().body().string()).isEqualTo("fast");
        }
    }

    @Test
    void everyFault_isReportedAtOnce_withItsPlaceAndTheWayOut() {
        ConfigException e = refusal("""
                {
                  "pools": [ { "name": "users", "backends": [ "http://10.0.0.1" ] } ],
                  "routes": [
                    { "name": "a", "host": "x:y:z", "to": "user" },
                    { "name": "a", "pathRegex": "(", "to": "users", "timeout": "1 minute" },
                    { "name": "b", "to": "users" },
                    { "name": "c", "to": { "shares": [ { "pool": "other", "weight": 1 } ] } },
                    { "name": "d", "path": "/d", "to": "users", "mirror": "users", "headers": {} },
                    { "name": "e", "path": "/e", "to": "users", "stripPrefix": "/e", "rewritePath":
                        { "type": "prefix", "prefix": "/e", "replacement": "/f" } }
                  ],
                  "addressing": "steering",
                  "retries": { "maxAttempts": 0, "on": [ "never" ], "budget": { "type": "token" } },
                  "hedging": { "delay": "1s", "multipleOfP95": 3 },
                  "sessions": {},
                  "forwarded": { "host": true },
                  "keepConnectionPool": true, "maxIdleConnections": 3,
                  "reloadInterval": "1ms",
                  "colour": "red"
                }
                """);

        assertThat(e.faults())
                .extracting(ConfigFault::toString)
                .containsExactlyInAnyOrder(
                        "$.routes[0].host: host must be a name or an IP address without a port, or a name after \"*.\": \"x:y:z\"",
                        "$.routes[0].to: unknown pool \"user\"; expected one of users",
                        "$.routes[1].name: duplicate route name \"a\"; the first is $.routes[0].name",
                        "$.routes[1].pathRegex: regex must be one of java.util.regex: \"(\" (Unclosed group near index 1)",
                        "$.routes[1].timeout: must be a duration such as \"500ms\", \"10s\" or \"1m\" (units ms, s, m, h, d):"
                                + " \"1 minute\"",
                        "$.routes[3].to: unknown pool \"other\"; expected one of users",
                        "$.routes[4]: route \"d\" must mirror to another pool than it sends requests to: \"users\"",
                        "$.routes[4].headers: unknown field; expected one of name, host, path, pathPrefix, pathRegex, method,"
                                + " header, cookie, query, to, mirror, stripPrefix, rewritePath, requestHeaders,"
                                + " responseHeaders, forwarded, retries, timeout, connectTimeout, readTimeout,"
                                + " writeTimeout, hedging, affinityKey, clientAddress, subset",
                        "$.routes[5].rewritePath: rewritePath must not stand beside stripPrefix: leave one of them out",
                        "$.routes[5]: route \"e\" must take a request: route \"b\" before it takes all of them; change their"
                                + " order",
                        "$.addressing: unknown addressing \"steering\"; expected one of auto, steer, rewrite",
                        "$.retries.maxAttempts: maxAttempts must be 1..100: 0",
                        "$.retries.on[0]: unknown cause of a retry \"never\"; expected one of neverSent, refused, timeout,"
                                + " broken, status",
                        "$.retries.budget.type: unknown retry budget \"token\"; expected one of standard, percentOfCalls,"
                                + " tokens, percentInFlight, unlimited",
                        "$.hedging.multipleOfP95: multipleOfP95 must not stand beside delay: leave one of them out",
                        "$.sessions.key: is required",
                        "$.forwarded.host: must be a string: true",
                        "$.keepConnectionPool: keepConnectionPool must not stand beside maxIdleConnections: leave one of them"
                                + " out",
                        "$.reloadInterval: reloadInterval must be PT0S, or PT0.01S to PT1H: PT0.001S",
                        "$.colour: unknown field; expected one of pools, routes, addressing, bypassProxy,"
                                + " allowCleartextBackends, allowUnpinnedBackends, retries, hedging,"
                                + " outcomes, affinityKey, clientAddress, sessions, subset, connections, forwarded,"
                                + " credentials, maxIdleConnections, keepAliveDuration, keepConnectionPool, reloadInterval");
    }

    @Test
    void registries_withEveryField_areRead_andTheirFaultsAreTold() {
        String pool = """
                { "pools": [ { "name": "users", "initialDiscoveryTimeout": "0s", "discovery": { "type": %s } } ] }
                """;
        String waits = "\"backoff\": { \"initialInterval\": \"1s\", \"maxInterval\": \"1m\" }";
        List<String> registries = List.of("""
                "kubernetes", "service": "users", "server": "http://127.0.0.1:1", "namespace": "shop", "portName": "http",
                "scheme": "http", "weightAnnotation": "w", "preferIpv6": true, "zoneHints": "a", "token": "${TOKEN:t}",
                "watchTimeout": "1m",
                """, """
                "consul", "server": [ "http://127.0.0.1:1", "http://127.0.0.1:2" ], "service": "users", "includeWarning": true,
                "tag": [ "a", "b" ], "filter": "f", "datacenter": "dc", "namespace": "n", "stale": true, "token": "t",
                "zoneKey": "z", "watchTimeout": "10s", "minInterval": "1s",
                """, """
                "eureka", "server": "http://127.0.0.1:1/eureka/", "application": "USERS", "preferSecurePort": true,
                "byHostName": true, "weightKey": "w", "delta": false, "interval": "1m",
                """, """
                "etcd", "server": "http://127.0.0.1:1", "prefix": "/users/", "scheme": "https",
                "credentials": { "user": "u", "password": "p" }, "watchTimeout": "1m",
                """, """
                "xds", "server": [ "http://127.0.0.1:1", "http://127.0.0.1:2" ], "cluster": "users", "token": "t",
                "node": { "id": "n", "cluster": "c", "metadata": { "a": "b" }, "locality": { "region": "r", "zone": "z" } },
                "cds": true, "delta": true, "localityWeights": true, "scheme": "https",
                """);
        for (String registry : registries) {
            String document = pool.formatted(registry + waits);
            try (LiveConfig config = LiveConfig.start(document)) {
                assertThat(config.reload(config.toConfig())).isFalse();
            }
        }
        assertThat(refusal(pool.formatted("\"consul\", \"server\": \"ftp://u:hush@a\", \"watchTimeout\": \"1ms\"")))
                .hasMessageNotContaining("hush")
                .hasMessageContaining("$.pools[0].discovery.server: ")
                .hasMessageContaining("$.pools[0].discovery.watchTimeout: ");
        assertThat(refusal(pool.formatted("\"kubernetes\"")))
                .hasMessageContaining("server is required: this is no pod of Kubernetes");
        assertThat(refusal(pool.formatted("\"etcd\", \"prefix\": \"/a\"")))
                .hasMessageContaining("$.pools[0].discovery.server: is required");
    }

    @Test
    void list_ofWhichNothingIsLeft_isAFaultAndNoMore() {
        assertThat(refusal("""
                        {
                          "pools": [ { "name": "users", "backends": [ "http://10.0.0.1" ] } ],
                          "affinityKey": [ { "type": "head" } ], "clientAddress": []
                        }
                        """).faults())
                .extracting(ConfigFault::path)
                .containsExactlyInAnyOrder("$.affinityKey[0].type", "$.clientAddress");
    }

    @Test
    void secret_isNotQuotedByAnyFault() {
        ConfigException e = refusal("""
                {
                  "pools": [ { "name": "users", "backends": [ "http://10.0.0.1" ] } ],
                  "routes": [ {
                    "name": "a", "to": "users",
                    "requestHeaders": [ { "type": "set", "name": "Authorization", "value": "hush\\n" } ]
                  } ],
                  "credentials": { "a": { "Authorization": "hush\\r" }, "b": [ "hush" ] }
                }
                """);

        assertThat(e.faults()).hasSize(3);
        assertThat(e).hasMessageNotContaining("hush");
        assertThat(e.faults()).noneMatch(fault -> fault.value().contains("hush"));
    }

    @Test
    void backends_thatAnOperatorHasChanged_areWritten() {
        try (LiveConfig config = LiveConfig.start("""
                {
                  "pools": [ {
                    "name": "users", "backends": [ "http://10.0.0.1", { "uri": "http://10.0.0.${LAST:2}", "weight": 2 } ]
                  } ]
                }
                """)) {
            config.pool("users").registry().add(Backend.of("http://10.0.0.3"));
            config.pool("users").registry().setWeight("10.0.0.1:80", 5);

            String written = config.toConfig();

            assertThat(written).contains("10.0.0.${LAST:2}");
            try (LiveConfig again = LiveConfig.start(written)) {
                assertThat(again.pool("users").snapshot().backends())
                        .extracting(status -> status.backend())
                        .containsExactlyElementsOf(config.pool("users").snapshot().backends().stream()
                                .map(status -> status.backend())
                                .toList());
            }
        }
    }

    @Test
    void pool_thatIsNotThere_isAnErrorWithTheNames_andSoIsWhatIsClosed() {
        LiveConfig config = LiveConfig.start(WHOLE);

        assertThatThrownBy(() -> config.pool("users"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("unknown pool \"users\"; expected one of [api, next]");
        config.close();
        assertThat(config.pool("api").snapshot().closed()).isTrue();
        assertThatThrownBy(() -> config.attach(new OkHttpClient())).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> config.reload(WHOLE.replace("0s", "1s"))).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void documentWithoutPools_hasEveryFault_andNothingIsStarted() {
        assertThat(refusal("{}").faults()).containsExactly(new ConfigFault("$.pools", "", "is required"));
        assertThat(refusal("nonsense").faults()).hasSize(1);
        assertThat(refusal("").faults()).hasSize(1);
    }

    static List<ConfigFault> faults(String json) {
        return refusal(json).faults();
    }

    private static ConfigException refusal(String json) {
        ConfigException e = catchThrowableOfType(
                ConfigException.class, () -> LiveConfig.start(json).close());
        assertThat(e).isNotNull();
        return e;
    }

    private Path file(String json) throws IOException {
        return Files.writeString(directory.resolve("balancing.json"), json);
    }
}
