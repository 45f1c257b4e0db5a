package dev.evenkeel.lb.okhttp.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.spi.BackendDiscovery;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Random;
import okhttp3.OkHttpClient;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Secrets are in no error of a source, wherever and however a registry's answer repeats them. */
@Timeout(120)
class RegistrySecretsTest {
    private static final String PASSWORD = "pa55w0rd\"XYZ";

    private final OkHttpClient client = new OkHttpClient();

    private static String token(int length) {
        StringBuilder token = new StringBuilder("eyJhbGciOiJSUzI1NiJ9.");
        new Random(1).ints(length, 'a', 'z' + 1).forEach(c -> token.append((char) c));
        return token.substring(0, length);
    }

    private KubernetesDiscovery kubernetes(LoopbackServer server, String token) {
        return KubernetesDiscovery.builder(client, server.url(), "ns", "users")
                .token(() -> token)
                .build();
    }

    /** Of the first error, with its stack trace and that of its causes. */
    private static String told(BackendDiscovery source) {
        try (Recorder recorder = Recorder.of(source)) {
            String message = recorder.awaitError();
            StringWriter trace = new StringWriter();
            recorder.errors.get(0).printStackTrace(new PrintWriter(trace));
            assertThat(trace.toString()).contains(message);
            return trace.toString();
        }
    }

    private static void assertNothingOf(String secret, String text) {
        for (int i = 0; i + 8 <= secret.length(); i++) {
            assertThat(text).doesNotContain(secret.substring(i, i + 8));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {40, 150, 186, 190, 250, 900, 6_000})
    void token_ofAnyLength_thatARefusalRepeats_isNotTold(int length) throws IOException {
        String token = token(length);
        try (LoopbackServer server = new LoopbackServer((request, answer) ->
                answer.whole(403, "no rights for " + request.headers().get("authorization") + token))) {
            String told = told(kubernetes(server, token));
            assertThat(told).contains("was answered 403: no rights for Bearer …");
            assertNothingOf(token, told);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {150, 175, 180, 195, 199, 8_150, 8_180})
    void token_astrideACut_isNotTold(int before) throws IOException {
        String token = token(60);
        try (LoopbackServer server =
                new LoopbackServer((request, answer) -> answer.whole(403, "x".repeat(before) + token))) {
            assertNothingOf(token, told(kubernetes(server, token)));
        }
    }

    @Test
    void token_inAnErrorOfAWatch_isNotTold() throws IOException {
        String token = token(300);
        try (LoopbackServer server = new LoopbackServer((request, answer) -> answer.whole(
                200,
                request.query().containsKey("watch")
                        ? "{\"type\":\"ERROR\",\"object\":{\"kind\":\"Status\",\"code\":401,\"message\":\"token "
                                + token + " has expired\"}}\n"
                        : "{\"metadata\":{\"resourceVersion\":\"1\"},\"items\":[]}"))) {
            String told = told(kubernetes(server, token));
            assertThat(told).contains("the watch ended: token … has expired");
            assertNothingOf(token, told);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"%s", "{\"items\":%s}", "{\"metadata\":{},\"items\":[{\"a\":\"%s"})
    void token_inAnAnswerThatIsMalformed_isNotTold(String answer) throws IOException {
        String token = token(90);
        try (LoopbackServer server =
                new LoopbackServer((request, reply) -> reply.whole(200, answer.formatted(token)))) {
            assertNothingOf(token, told(kubernetes(server, token)));
        }
    }

    @Test
    void passwordOfAUrl_thatIsRepeatedDecoded_isNotTold() throws IOException {
        try (LoopbackServer server = new LoopbackServer((request, answer) -> {
            String basic = request.headers().get("authorization").substring(6);
            answer.whole(
                    401, "bad login " + new String(Base64.getDecoder().decode(basic), StandardCharsets.UTF_8) + basic);
        })) {
            String url = server.url().replace("://", "://reader:pa55w0rdXYZ@");
            String told = told(ConsulDiscovery.builder(client, "users", url).build());
            assertThat(told).contains("bad login reader:…");
            assertNothingOf("pa55w0rdXYZ", told);
        }
    }

    private EtcdDiscovery etcd(LoopbackServer server) {
        return EtcdDiscovery.builder(client, "/p/", server.url())
                .credentials("reader", PASSWORD)
                .backoff(Duration.ofMillis(10), Duration.ofMillis(100))
                .build();
    }

    @Test
    void passwordOfALogin_thatARefusalRepeats_isNotTold() throws IOException {
        try (LoopbackServer server = new LoopbackServer((request, answer) -> answer.whole(400, request.body()))) {
            String told = told(etcd(server));
            assertThat(told).contains("{\"name\":\"reader\",\"password\":\"…\"}");
            assertNothingOf(PASSWORD, told);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"token\": s3cret-t0ken-of-a-login}",
                "s3cret-t0ken-of-a-login",
                "{\"token\":\"s3cret-t0ken\\n-of-a-login\"}"
            })
    void tokenOfALogin_thatCannotBeRead_isNotTold(String answer) throws IOException {
        try (LoopbackServer server = new LoopbackServer((request, reply) -> reply.whole(200, answer))) {
            assertNothingOf("s3cret-t0ken-of-a-login", told(etcd(server)));
        }
    }

    @Test
    void tokenOfALogin_thatTheNextRefusalRepeats_isNotTold() throws IOException {
        try (LoopbackServer server = new LoopbackServer((request, answer) -> {
            if (request.path().endsWith("authenticate")) {
                answer.whole(200, "{\"token\":\"s3cret-t0ken-of-a-login\"}");
            } else {
                answer.whole(403, "no rights: " + request.headers().get("authorization"));
            }
        })) {
            String told = told(etcd(server));
            assertThat(told).contains("no rights: …");
            assertNothingOf("s3cret-t0ken-of-a-login", told);
        }
    }

    @Test
    void answer_withControlCharacters_isToldOnOneLine() throws IOException {
        try (LoopbackServer server =
                new LoopbackServer((request, answer) -> answer.whole(500, "a\r\nWARN fake\u202Eb\u009Bc\u2028d"))) {
            assertThat(told(kubernetes(server, token(40)))).contains("a\uFFFD\uFFFDWARN fake\uFFFDb\uFFFDc\uFFFDd");
        }
    }
}
