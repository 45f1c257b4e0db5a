package dev.evenkeel.lb.okhttp.internal.call;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.core.LoadBalancers;
import dev.evenkeel.lb.core.retry.RetryBudgets;
import dev.evenkeel.lb.okhttp.connection.Addressing;
import dev.evenkeel.lb.okhttp.connection.ConnectionPolicy;
import dev.evenkeel.lb.okhttp.internal.steering.AttachedPool;
import dev.evenkeel.lb.okhttp.retry.OutcomeClassifier;
import dev.evenkeel.lb.okhttp.route.HeaderEdit;
import dev.evenkeel.lb.okhttp.route.Route;
import okhttp3.HttpUrl;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The pool of a request, and whether its URL is rewritten. */
class DestinationTest {
    private static final ClientConfig DEFAULT = ClientConfig.DEFAULT;

    private final LoadBalancer balancer = LoadBalancers.builder("users").build();

    @AfterEach
    void close() {
        balancer.close();
    }

    private Destination destination(Addressing addressing, Route route) {
        ClientConfig settings = new ClientConfig(
                addressing,
                DEFAULT.retries(),
                DEFAULT.bypassProxy(),
                DEFAULT.allowCleartextBackends(),
                DEFAULT.allowUnpinnedBackends(),
                DEFAULT.outcomes(),
                DEFAULT.connections(),
                DEFAULT.affinityKey(),
                DEFAULT.clientAddress(),
                DEFAULT.sessions(),
                DEFAULT.subset(),
                DEFAULT.forwarded(),
                DEFAULT.credentials());
        return Destination.of(
                AttachedPool.of(balancer, ConnectionPolicy.standard()),
                settings,
                route,
                RetryBudgets.unlimited().open(0),
                new SafeOutcomeClassifier(OutcomeClassifier.standard()),
                null);
    }

    @ParameterizedTest
    @CsvSource({
        // url, backend, rewritten under AUTO
        "http://users/,  http://10.0.0.1:80,       false",
        "http://users/,  http://a.internal:80,     false",
        "http://users/,  https://10.0.0.1:443,     true",
        "https://users/, http://10.0.0.1:80,       true",
        "https://users/, https://10.0.0.1:443,     false", // an address can answer under the name
        "https://users/, https://users:8443,       false",
        "https://users/, https://a.internal:443,   true",
        "https://users/, tcp://10.0.0.1:443,       false",
    })
    void url_isRewritten_whereTheBackendCannotAnswerUnderTheName(String url, String backend, boolean rewritten) {
        assertThat(destination(Addressing.AUTO, null).isRewritten(HttpUrl.get(url), Backend.of(backend)))
                .isEqualTo(rewritten);
        assertThat(destination(Addressing.REWRITE, null).isRewritten(HttpUrl.get(url), Backend.of(backend)))
                .isTrue();
        assertThat(destination(Addressing.STEER, null).isRewritten(HttpUrl.get(url), Backend.of(backend)))
                .isFalse();
    }

    @Test
    void poolAndRoute_areNamedInMessagesAndTraces() {
        Destination plain = destination(Addressing.AUTO, null);
        Destination routed =
                destination(Addressing.AUTO, Route.builder("canary").to("users").build());

        assertThat(plain.described()).isEqualTo("pool \"users\"");
        assertThat(plain.trace(null).route()).isNull();
        assertThat(routed.described()).isEqualTo("pool \"users\" (route \"canary\")");
        assertThat(routed.trace(null).pool()).isEqualTo("users");
        assertThat(routed.trace(null).route()).isEqualTo("canary");
    }

    @Test
    void edits_areThereForWhatIsChangedOnTheWireAlone() {
        assertThat(destination(Addressing.AUTO, null).edits()).isNull();
        assertThat(destination(
                                Addressing.AUTO,
                                Route.builder("r")
                                        .to("users")
                                        .responseHeaders(HeaderEdit.remove("Server"))
                                        .build())
                        .edits())
                .isNotNull();
    }
}
