package dev.evenkeel.lb.okhttp.internal.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.okhttp.Calls;
import dev.evenkeel.lb.okhttp.LoadBalancing;
import dev.evenkeel.lb.okhttp.RecordingPool;
import dev.evenkeel.lb.okhttp.TestBackend;
import dev.evenkeel.lb.okhttp.TestBackend.Wire;
import dev.evenkeel.lb.okhttp.connection.Addressing;
import java.io.IOException;
import java.net.UnknownHostException;
import java.util.List;
import mockwebserver3.MockResponse;
import okhttp3.OkHttpClient;
import okhttp3.Response;
import okhttp3.tls.HeldCertificate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A redirect to the other scheme goes to a port that speaks it, or fails with a text that says why. */
@Timeout(60)
class ExchangeTest {
    private static final HeldCertificate BOTH = new HeldCertificate.Builder()
            .addSubjectAlternativeName("users")
            .addSubjectAlternativeName("127.0.0.1")
            .ecdsa256()
            .build();

    private final TestBackend plain = TestBackend.start("plain");
    private final TestBackend tls = TestBackend.start("tls", Wire.H2_TLS, BOTH);
    private RecordingPool pool;

    @AfterEach
    void close() {
        pool.close();
        plain.close();
        tls.close();
    }

    private OkHttpClient client(Addressing addressing, boolean follow, List<Backend> backends) {
        pool = RecordingPool.of(backends);
        return LoadBalancing.builder()
                .pools(pool)
                .addressing(addressing)
                .attach(TestBackend.client(Wire.H2_TLS, BOTH)
                        .followSslRedirects(follow)
                        .build());
    }

    private List<Backend> backends(String kinds) {
        return switch (kinds) {
            case "http" -> List.of(plain.backend());
            case "https" -> List.of(tls.backend());
            default -> List.of(plain.backend(), tls.backend());
        };
    }

    private static MockResponse redirect(String to) {
        return new MockResponse.Builder().code(301).setHeader("Location", to).build();
    }

    private static String fetch(OkHttpClient client, String url) {
        try (Response response = client.newCall(Calls.get(url)).execute()) {
            return response.code() + " " + response.body().string();
        } catch (IOException e) {
            return e.getMessage();
        }
    }

    /** The first backend of each pool has the call, and redirects it. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    AUTO    | http  | http  | https://users/end | does not speak TLS
                    AUTO    | http  | both  | https://users/end | does not speak TLS
                    AUTO    | http  | http  | http://users/end  | 200 plain
                    STEER   | http  | http  | https://users/end | does not speak TLS
                    STEER   | http  | both  | https://users/end | does not speak TLS
                    REWRITE | http  | http  | https://users/end | which is no address
                    REWRITE | http  | both  | https://users/end | which is no address
                    AUTO    | https | https | https://users/end | 200 tls
                    AUTO    | https | https | http://users/end  | speaks TLS
                    STEER   | https | https | http://users/end  | speaks TLS
                    REWRITE | https | https | http://users/end  | which is no address
                    AUTO    | https | both  | https://users/end | 200 tls
                    """)
    void redirect_insideThePool_isFollowedToAPortThatSpeaksIt_orSaysWhyNot(
            Addressing addressing, String scheme, String kinds, String to, String expected) {
        for (TestBackend backend : List.of(plain, tls)) {
            backend.answer(request -> request.getTarget().equals("/x")
                    ? redirect(to)
                    : backend.named().build());
        }
        String asked = scheme + "://users/x";

        String answer = fetch(client(addressing, true, backends(kinds)), asked);

        assertThat(answer).contains(expected);
        assertThat(pool.outcomes()).containsExactly(Outcome.SUCCESS);
        assertThat(pool.inFlight()).isZero();
    }

    @ParameterizedTest
    @CsvSource({"AUTO", "STEER", "REWRITE"})
    void redirectToTheOtherScheme_isHandedOut_whereItIsNotFollowed(Addressing addressing) {
        plain.answer(redirect("https://users/end"));

        assertThat(fetch(client(addressing, false, backends("http")), "http://users/x"))
                .isEqualTo("301 ");
    }

    @Test
    void refusal_namesPoolBackendAndWaysOut() {
        plain.answer(redirect("https://users/end"));
        OkHttpClient client = client(Addressing.AUTO, true, backends("http"));

        assertThatThrownBy(() -> Calls.body(client, "http://users/x"))
                .isInstanceOf(IOException.class)
                .hasMessage("pool \"users\": backend plain (" + plain.uri()
                        + ") redirects to https://users, but the port that has answered does not speak TLS; call"
                        + " https://users and give the pool backends with an https URI, or do not follow such redirects:"
                        + " followSslRedirects(false)");
    }

    @Test
    void redirectToTheName_ofACallUnderTheBackendsOwn_saysSo() {
        plain.answer(redirect("https://users/end"));
        OkHttpClient client = client(Addressing.REWRITE, true, backends("http"));

        assertThatThrownBy(() -> Calls.body(client, "http://users/x"))
                .isInstanceOf(UnknownHostException.class)
                .hasMessage("pool \"users\": backend plain (" + plain.uri()
                        + ") redirects to https://users, which is no address, and the backend is called under its own; let"
                        + " it redirect to a path or to its own address, or use Addressing.STEER");
    }

    @Test
    void portOfSchemeTcp_maySpeakBoth() {
        tls.answer(request -> request.getTarget().equals("/x")
                ? redirect("http://users/end")
                : tls.named().build());
        Backend tcp = Backend.builder("tcp://127.0.0.1:" + tls.server.getPort())
                .id("tls")
                .build();
        OkHttpClient client = client(Addressing.AUTO, true, List.of(tcp));

        assertThatThrownBy(() -> Calls.body(client, "https://users/x"))
                .isInstanceOf(IOException.class)
                .message()
                .doesNotContain("redirects to");
    }
}
