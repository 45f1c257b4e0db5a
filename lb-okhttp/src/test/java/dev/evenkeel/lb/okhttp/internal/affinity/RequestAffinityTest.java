package dev.evenkeel.lb.okhttp.internal.affinity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.Subset;
import dev.evenkeel.lb.core.LoadBalancers;
import dev.evenkeel.lb.okhttp.affinity.AffinityKey;
import dev.evenkeel.lb.okhttp.affinity.ClientAddress;
import dev.evenkeel.lb.okhttp.affinity.RequestHint;
import dev.evenkeel.lb.okhttp.affinity.SessionCookie;
import dev.evenkeel.lb.okhttp.affinity.SessionPolicy;
import java.io.IOException;
import java.util.Map;
import okhttp3.CookieJar;
import okhttp3.Request;
import org.junit.jupiter.api.Test;

/** What binds a request: its hint before its session, and each with the settings of its destination. */
class RequestAffinityTest {
    private static final Subset LIVE = Subset.of(Map.of("stage", "live"));
    private static final Subset TEST = Subset.of(Map.of("stage", "test"));

    private static Request.Builder request() {
        return new Request.Builder().url("http://users/x?secret=1");
    }

    private static RequestAffinity find(Request.Builder request, Sessions sessions) throws IOException {
        return RequestAffinity.find(
                request.build(),
                CookieJar.NO_COOKIES,
                AffinityKey.header("User"),
                ClientAddress.forwardedFor(),
                sessions,
                LIVE);
    }

    @Test
    void keyAddressAndSubset_areThoseOfTheSettings() throws IOException {
        RequestAffinity found = find(request().header("User", "ann").header("X-Forwarded-For", "10.0.0.1"), null);

        assertThat(found.key()).isEqualTo("ann");
        assertThat(found.clientAddress().getHostAddress()).isEqualTo("10.0.0.1");
        assertThat(found.subset()).isEqualTo(LIVE);
        assertThat(found.session()).isNull();
        assertThat(found.boundBackend()).isNull();
    }

    @Test
    void hint_goesBeforeTheSession_andBeforeTheSettings() throws IOException {
        try (LoadBalancer pool = LoadBalancers.builder("users").build()) {
            Sessions sessions = new Sessions(pool, SessionPolicy.byCookie(SessionCookie.of("SRV")));
            Request.Builder bound = request().header("Cookie", "SRV=a:80");

            assertThat(find(bound, sessions).boundBackend()).isEqualTo("a:80");

            RequestAffinity hinted =
                    find(bound.tag(RequestHint.class, RequestHint.subset(TEST).withBackend("b:80")), sessions);
            assertThat(hinted.boundBackend()).isEqualTo("b:80");
            assertThat(hinted.subset()).isEqualTo(TEST);

            RequestAffinity onlyBackend = find(bound.tag(RequestHint.class, RequestHint.backend("b:80")), sessions);
            assertThat(onlyBackend.subset()).isEqualTo(LIVE);

            RequestAffinity onlySubset = find(bound.tag(RequestHint.class, RequestHint.subset(TEST)), sessions);
            assertThat(onlySubset.boundBackend()).isEqualTo("a:80");
        }
    }

    @Test
    void codeThatThrows_isNamed_withoutTheQuery() {
        RuntimeException fault = new IllegalStateException("no session");
        assertThatThrownBy(() -> RequestAffinity.find(
                        request().build(),
                        CookieJar.NO_COOKIES,
                        asked -> {
                            throw fault;
                        },
                        null,
                        null,
                        null))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("the affinity key of GET http://users/... is unknown")
                .hasMessageNotContaining("secret")
                .hasCause(fault);
        assertThatThrownBy(() -> RequestAffinity.find(
                        request().build(),
                        CookieJar.NO_COOKIES,
                        null,
                        asked -> {
                            throw fault;
                        },
                        null,
                        null))
                .hasMessageStartingWith("the client address of GET ");
    }

    @Test
    void nothingSet_bindsNothing() throws IOException {
        assertThat(RequestAffinity.find(request().build(), CookieJar.NO_COOKIES, null, null, null, null))
                .isEqualTo(RequestAffinity.NONE);
    }
}
