package dev.evenkeel.lb.okhttp.internal.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.core.config.ConfigException;
import dev.evenkeel.lb.okhttp.Calls;
import dev.evenkeel.lb.okhttp.LoadBalancing;
import dev.evenkeel.lb.okhttp.RecordingPool;
import dev.evenkeel.lb.okhttp.TestBackend;
import dev.evenkeel.lb.okhttp.affinity.AffinityKey;
import dev.evenkeel.lb.okhttp.affinity.SessionCookie;
import dev.evenkeel.lb.okhttp.config.LiveConfig;
import dev.evenkeel.lb.okhttp.route.ForwardedHeaders;
import dev.evenkeel.lb.okhttp.route.HeaderEdit;
import dev.evenkeel.lb.okhttp.route.InboundRequest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import okhttp3.OkHttpClient;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** CR, LF and NUL get into no message to a backend, through whatever value. */
@Timeout(60)
class NetworkEditsInjectionTest {
    private static final long SEED = 4_711;
    private static final List<String> BREAKERS = List.of("\\r", "\\n", "\\u0000", "\\r\\nX-Evil: 1");

    /** Each string in these is a value that ends up in a message, or in a log. */
    private static final List<String> DOCUMENTS = List.of("""
            { "pools": [ { "name": "@", "backends": [ { "uri": "@http://10.0.0.1@", "id": "@a@", "zone": "@z@",
              "metadata": { "version": "@2@" } } ] } ] }
            """, """
            { "pools": [ { "name": "u", "backends": [ "http://a" ] } ], "routes": [ {
              "name": "@r@", "host": "@h@", "path": "@/p@", "method": "@GET@", "to": "@u@",
              "stripPrefix": "@/p@",
              "requestHeaders": [ { "type": "set", "name": "@X-A@", "value": "@v@" },
                { "type": "add", "name": "@X-B@", "value": "@v@" }, { "type": "remove", "name": "@X-C@" } ],
              "responseHeaders": [ { "type": "set", "name": "@X-A@", "value": "@v@" } ],
              "forwarded": { "requestId": "set", "requestIdHeader": "@X-Id@" },
              "affinityKey": [ { "type": "header", "name": "@X-User@" }, { "type": "cookie", "name": "@who@" } ]
            } ] }
            """, """
            { "pools": [ { "name": "u", "backends": [ "http://a" ] } ], "routes": [
              { "name": "r", "path": "/a", "to": "u",
                "rewritePath": { "type": "prefix", "prefix": "@/a@", "replacement": "@/b@" } },
              { "name": "s", "path": "/b", "to": "u",
                "rewritePath": { "type": "regex", "regex": "/b", "replacement": "@/c@" } } ] }
            """, """
            { "pools": [ { "name": "u", "backends": [ "http://a" ], "healthCheck": { "type": "http", "interval": "1h",
                "method": "@GET@", "path": "@/p@", "headers": { "X-A": "@v@" } } } ],
              "credentials": { "a": { "Authorization": "@v@" } },
              "sessions": { "cookie": { "name": "@SRV@" } },
              "retries": { "idempotentMethods": [ "@GET@" ] },
              "connections": { "warmUp": { "connections": 1, "path": "@/w@", "timeout": "1s" } },
              "forwarded": { "requestIdHeader": "@X-Id@" } }
            """);

    static Stream<String> poisoned() {
        return DOCUMENTS.stream().flatMap(NetworkEditsInjectionTest::poisoned);
    }

    /** The document with one place poisoned, for each place. */
    private static Stream<String> poisoned(String document) {
        Matcher places = Pattern.compile("@").matcher(document);
        return places.results()
                .flatMap(place -> BREAKERS.stream()
                        .map(breaker -> (document.substring(0, place.start())
                                        + "\u0001"
                                        + document.substring(place.start() + 1))
                                .replace("@", "")
                                .replace("\u0001", breaker)));
    }

    @Test
    void documents_withoutPoison_areTaken() {
        DOCUMENTS.stream()
                .map(document ->
                        document.replace("\"name\": \"@\"", "\"name\": \"u\"").replace("@", ""))
                .forEach(document -> LiveConfig.start(document).close());
    }

    @ParameterizedTest
    @MethodSource("poisoned")
    void poisonedValue_inADocument_isRefused(String document) {
        assertThat(catchThrowable(() -> LiveConfig.start(document).close()))
                .as(document)
                .isInstanceOf(ConfigException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\r", "\n", "\0", "a\r\nX-Evil: 1"})
    void poisonedValue_inCodeOrDiscovery_isRefused(String poison) {
        assertRefused(() -> Backend.builder("http://a").id(poison));
        assertRefused(() -> Backend.builder("http://a").zone(poison));
        assertRefused(() -> Backend.builder("http://a").metadata("k", "v" + poison));
        assertRefused(() -> Backend.builder("http://a").metadata("k" + poison, "v"));
        assertRefused(() -> Backend.of("http://a" + poison));
        assertRefused(() -> Backend.of("http://a/p" + poison));
        assertRefused(() -> new Backend("a" + poison, URI.create("http://a"), 1, 0, null, 1, Map.of()));
        assertRefused(() -> new Backend("a", URI.create("http://a"), 1, 0, null, 1, Map.of("k", poison)));
        assertRefused(() -> HeaderEdit.set("X-A", "v" + poison));
        assertRefused(() -> HeaderEdit.add("X-A" + poison, "v"));
        assertRefused(() -> SessionCookie.of("SRV" + poison));
        assertRefused(() -> AffinityKey.header("X" + poison));
        assertRefused(() -> AffinityKey.cookie("x" + poison));
        assertRefused(() -> ForwardedHeaders.OFF.requestId(ForwardedHeaders.Mode.SET, "X-Id" + poison));
        InetAddress client = InetAddress.getLoopbackAddress();
        assertRefused(() -> new InboundRequest(client, "h" + poison, "http", 80));
        assertRefused(() -> new InboundRequest(client, "h", "http" + poison, 80));
    }

    private static void assertRefused(org.assertj.core.api.ThrowableAssert.ThrowingCallable code) {
        assertThatThrownBy(code).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void poisonedCredentials_ofCode_failTheCall_andAreNotQuoted() throws IOException {
        try (TestBackend a = TestBackend.start("a");
                RecordingPool pool = RecordingPool.named("users", List.of(a.backend()))) {
            OkHttpClient client = LoadBalancing.builder()
                    .pools(pool)
                    .credentials(backend -> okhttp3.Headers.of("Authorization", "hush\r\nX-Evil: 1"))
                    .attach(new OkHttpClient());

            assertThatThrownBy(() -> Calls.body(client, "http://users/x"))
                    .isInstanceOf(IOException.class)
                    .hasMessageNotContaining("hush");
            assertThat(a.requests()).isEmpty();
        }
    }

    @Test
    void anyHeader_isTakenAsItIs_orRefused() {
        fuzz(20_000);
    }

    @Test
    @Tag("soak")
    @Timeout(3_600)
    void aMillionHeaders_areTakenAsTheyAre_orRefused() {
        fuzz(1_000_000);
    }

    private static void fuzz(int inputs) {
        SplittableRandom random = new SplittableRandom(SEED);
        int taken = 0;
        for (int i = 0; i < inputs; i++) {
            String name = text(random, 12);
            String value = text(random, 40);
            HeaderEdit edit;
            try {
                edit = HeaderEdit.set(name, value);
            } catch (IllegalArgumentException e) {
                assertThat(e.getMessage()).hasSizeLessThan(1_000).doesNotContain("\r", "\n", "\0");
                continue;
            }
            taken++;
            if (!(name + value).chars().allMatch(c -> c == '\t' || (c >= ' ' && c <= '~'))) {
                throw new AssertionError("number " + i + " was taken: " + edit);
            }
            assertThat(HeaderEdit.apply(List.of(edit), new okhttp3.Headers.Builder().build())
                            .get(name))
                    .isEqualTo(value.trim()); // OkHttp takes white space off the ends.
        }
        assertThat(taken).isPositive();
    }

    /** Mostly harmless. */
    private static String text(SplittableRandom random, int most) {
        StringBuilder text = new StringBuilder();
        int length = 1 + random.nextInt(most);
        boolean harmless = random.nextInt(4) > 0;
        for (int i = 0; i < length; i++) {
            text.append((char) (harmless ? 'a' + random.nextInt(26) : random.nextInt(0x180)));
        }
        return text.toString();
    }
}
