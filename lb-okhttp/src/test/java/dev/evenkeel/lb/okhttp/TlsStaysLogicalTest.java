package dev.evenkeel.lb.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.okhttp.TestBackend.Wire;
import dev.evenkeel.lb.okhttp.connection.Addressing;
import java.io.IOException;
import java.net.InetAddress;
import java.util.List;
import java.util.Objects;
import javax.net.ssl.SSLPeerUnverifiedException;
import mockwebserver3.RecordedRequest;
import okhttp3.CertificatePinner;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Response;
import okhttp3.tls.HeldCertificate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What TLS and HTTP say and check is the logical name, whichever backend the connection goes to. */
@Timeout(60)
class TlsStaysLogicalTest {
    private static final String NAME = "users.example.com";
    private static final String URL = "https://users.example.com/x?y=z";
    private static final HeldCertificate OF_THE_NAME = new HeldCertificate.Builder()
            .addSubjectAlternativeName(NAME)
            .ecdsa256()
            .build();

    /** What the client offers; the servers speak both. */
    enum Offer {
        HTTP_1_1(List.of(Protocol.HTTP_1_1)),
        HTTP_2(List.of(Protocol.HTTP_2, Protocol.HTTP_1_1));

        final List<Protocol> protocols;

        Offer(List<Protocol> protocols) {
            this.protocols = protocols;
        }
    }

    @ParameterizedTest
    @EnumSource
    void certificate_forTheLogicalNameOnly_isVerified(Offer offer) throws Exception {
        try (TestBackend a = TestBackend.start("a", Wire.H2_TLS, OF_THE_NAME);
                TestBackend b = TestBackend.start("b", Wire.H2_TLS, OF_THE_NAME);
                RecordingPool pool = RecordingPool.named(NAME, List.of(a.backend(), b.backend()))) {
            OkHttpClient client = LoadBalancing.attach(client(offer, OF_THE_NAME), pool);

            for (int i = 0; i < 6; i++) {
                Calls.checkAnsweredByTheBackendLeased(client, URL);
            }

            assertThat(a.requests()).hasSize(3);
            assertThat(b.requests()).hasSize(3);
        }
    }

    @ParameterizedTest
    @EnumSource
    void hostAndSniAndUrl_areTheLogicalName(Offer offer) throws Exception {
        try (TestBackend a = TestBackend.start("a", Wire.H2_TLS, OF_THE_NAME);
                RecordingPool pool = RecordingPool.named(NAME, List.of(a.backend()))) {
            OkHttpClient client = LoadBalancing.attach(client(offer, OF_THE_NAME), pool);

            try (Response response = client.newCall(Calls.get(URL)).execute()) {
                assertThat(response.protocol()).isEqualTo(offer.protocols.get(0));
                assertThat(response.request().url().toString()).isEqualTo(URL);
                assertThat(Objects.requireNonNull(response.networkResponse())
                                .request()
                                .url()
                                .toString())
                        .isEqualTo(URL);
                assertThat(Objects.requireNonNull(response.handshake()).peerCertificates())
                        .contains(OF_THE_NAME.certificate());
            }

            RecordedRequest seen = a.requests().get(0);
            assertThat(seen.getHandshakeServerNames()).containsExactly(NAME);
            assertThat(seen.getHeaders().get(offer == Offer.HTTP_2 ? ":authority" : "Host"))
                    .isEqualTo(NAME);
            assertThat(seen.getTarget()).isEqualTo("/x?y=z");
        }
    }

    @ParameterizedTest
    @EnumSource
    void certificate_forAnotherName_failsAndNothingIsSent(Offer offer) throws Exception {
        HeldCertificate another = new HeldCertificate.Builder()
                .addSubjectAlternativeName("orders.example.com")
                .addSubjectAlternativeName("127.0.0.1")
                .ecdsa256()
                .build();
        try (TestBackend a = TestBackend.start("a", Wire.H2_TLS, another);
                RecordingPool pool = RecordingPool.named(NAME, List.of(a.backend()))) {
            OkHttpClient client = LoadBalancing.attach(client(offer, another), pool);

            SSLPeerUnverifiedException failure =
                    catchThrowableOfType(SSLPeerUnverifiedException.class, () -> Calls.body(client, URL));

            assertThat(failure)
                    .hasMessageStartingWith("pool \"" + NAME + "\" failed after 1 attempt: a (" + a.uri()
                            + "): Hostname " + NAME + " not verified")
                    .hasMessageEndingWith("(never sent); the certificate of backend a (" + a.uri() + ") must name \""
                            + NAME + "\", or its URI the name in the certificate, or use Addressing.REWRITE");
            assertThat(a.requests()).isEmpty();
            assertThat(pool.outcomes()).containsExactly(Outcome.NEVER_SENT);
            assertThat(pool.inFlight()).isZero();
        }
    }

    /** The advice is for connections under the logical name; a rewritten one verifies the backend's own. */
    @ParameterizedTest
    @CsvSource({
        "AUTO,    127.0.0.1,    true",
        "AUTO,    own.internal, false",
        "STEER,   127.0.0.1,    true",
        "STEER,   own.internal, true",
        "REWRITE, 127.0.0.1,    false",
        "REWRITE, own.internal, false",
    })
    void certificate_forAnotherName_saysWhatItMustName_whereTheNameIsThePools(
            Addressing addressing, String host, boolean advised) throws Exception {
        HeldCertificate another = new HeldCertificate.Builder()
                .addSubjectAlternativeName("orders.example.com")
                .ecdsa256()
                .build();
        try (TestBackend a = TestBackend.start("a", Wire.H2_TLS, another)) {
            Backend backend = Backend.builder("https://" + host + ":" + a.server.getPort())
                    .id("a")
                    .build();
            try (RecordingPool pool = RecordingPool.named(NAME, List.of(backend))) {
                OkHttpClient client = LoadBalancing.builder()
                        .pools(pool)
                        .addressing(addressing)
                        .attach(client(Offer.HTTP_2, another)
                                .newBuilder()
                                .dns(name -> List.of(InetAddress.getLoopbackAddress()))
                                .build());

                SSLPeerUnverifiedException failure =
                        catchThrowableOfType(SSLPeerUnverifiedException.class, () -> Calls.body(client, URL));

                assertThat(failure).hasMessageContaining("Hostname " + (advised ? NAME : host) + " not verified");
                assertThat(failure.getMessage()
                                .contains("the certificate of backend a (" + backend.uri() + ") must name \"" + NAME
                                        + "\", or its URI the name in the certificate, or use Addressing.REWRITE"))
                        .isEqualTo(advised);
            }
        }
    }

    @Test
    void certificate_forAnotherName_atOneBackend_failsOverToOneThatIsVerified() throws Exception {
        HeldCertificate another = new HeldCertificate.Builder()
                .addSubjectAlternativeName("orders.example.com")
                .ecdsa256()
                .build();
        try (TestBackend wrong = TestBackend.start("wrong", Wire.H2_TLS, another);
                TestBackend right = TestBackend.start("right", Wire.H2_TLS, OF_THE_NAME);
                RecordingPool pool = RecordingPool.named(NAME, List.of(wrong.backend(), right.backend()))) {
            OkHttpClient client = LoadBalancing.attach(client(Offer.HTTP_2, OF_THE_NAME), pool);

            assertThat(Calls.body(client, URL)).isEqualTo("right");
            assertThat(wrong.requests()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource
    void pin_ofTheLogicalName_thatMatches_passes(Offer offer) throws Exception {
        try (TestBackend a = TestBackend.start("a", Wire.H2_TLS, OF_THE_NAME);
                RecordingPool pool = RecordingPool.named(NAME, List.of(a.backend()))) {
            String pin = CertificatePinner.pin(OF_THE_NAME.certificate());
            OkHttpClient client = LoadBalancing.attach(pinned(offer, pin), pool);

            assertThat(Calls.body(client, URL)).isEqualTo("a");
        }
    }

    @ParameterizedTest
    @EnumSource
    void pin_ofTheLogicalName_thatDoesNotMatch_failsAtEveryBackendAndNothingIsSent(Offer offer) throws Exception {
        try (TestBackend a = TestBackend.start("a", Wire.H2_TLS, OF_THE_NAME);
                TestBackend b = TestBackend.start("b", Wire.H2_TLS, OF_THE_NAME);
                RecordingPool pool = RecordingPool.named(NAME, List.of(a.backend(), b.backend()))) {
            String pin = CertificatePinner.pin(TestBackend.LOGICAL.certificate());
            OkHttpClient client = LoadBalancing.attach(pinned(offer, pin), pool);

            assertThatThrownBy(() -> Calls.body(client, URL))
                    .isInstanceOf(SSLPeerUnverifiedException.class)
                    .hasMessageStartingWith("pool \"" + NAME + "\" failed after 2 attempts: a (" + a.uri()
                            + "): Certificate pinning failure!");

            assertThat(a.requests()).isEmpty();
            assertThat(b.requests()).isEmpty();
            assertThat(pool.outcomes()).containsExactly(Outcome.NEVER_SENT, Outcome.NEVER_SENT);
        }
    }

    @Test
    void httpsBackend_underAHostNameOfItsOwn_isVerifiedByThatName() throws Exception {
        HeldCertificate own = new HeldCertificate.Builder()
                .addSubjectAlternativeName("a.internal")
                .ecdsa256()
                .build();
        try (TestBackend a = TestBackend.start("a", Wire.H2_TLS, own)) {
            Backend backend = Backend.of("https://a.internal:" + a.server.getPort());
            try (RecordingPool pool = RecordingPool.named(NAME, List.of(backend))) {
                OkHttpClient client = LoadBalancing.attach(
                        TestBackend.client(Wire.H2_TLS, own)
                                .dns(host -> List.of(InetAddress.getLoopbackAddress()))
                                .build(),
                        pool);

                try (Response response = client.newCall(Calls.get(URL)).execute()) {
                    assertThat(response.body().string()).isEqualTo("a");
                    assertThat(response.request().url().toString()).isEqualTo(URL);
                }
                assertThat(a.requests().get(0).getUrl().host()).isEqualTo("a.internal");
            }
        }
    }

    @Test
    void plainRequest_toAnHttpsBackend_isMadeOverTls() throws Exception {
        HeldCertificate own = new HeldCertificate.Builder()
                .addSubjectAlternativeName("127.0.0.1")
                .ecdsa256()
                .build();
        try (TestBackend a = TestBackend.start("a", Wire.H2_TLS, own);
                RecordingPool pool = RecordingPool.named(NAME, List.of(a.backend()))) {
            OkHttpClient client = LoadBalancing.attach(client(Offer.HTTP_2, own), pool);

            try (Response response =
                    client.newCall(Calls.get("http://users.example.com/x")).execute()) {
                assertThat(response.body().string()).isEqualTo("a");
                assertThat(response.request().url().toString()).isEqualTo("http://users.example.com/x");
            }
            assertThat(a.requests().get(0).getHandshake()).isNotNull();
        }
    }

    private static OkHttpClient client(Offer offer, HeldCertificate trusted) {
        return TestBackend.client(Wire.H2_TLS, trusted)
                .protocols(offer.protocols)
                .build();
    }

    private static OkHttpClient pinned(Offer offer, String pin) throws IOException {
        return client(offer, OF_THE_NAME)
                .newBuilder()
                .certificatePinner(
                        new CertificatePinner.Builder().add(NAME, pin).build())
                .build();
    }
}
