package dev.evenkeel.lb.okhttp.internal.affinity;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.core.LoadBalancers;
import dev.evenkeel.lb.okhttp.affinity.SessionCookie;
import dev.evenkeel.lb.okhttp.affinity.SessionCookie.Naming;
import dev.evenkeel.lb.okhttp.affinity.SessionCookie.ValuePart;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The backend that a cookie's value names, while the pool's list changes. */
class CookieBackendLookupTest {
    private static SessionCookie cookie(Naming naming, String metadataKey, ValuePart part) {
        return new SessionCookie("SRV", naming, metadataKey, part);
    }

    private static Backend backend(String host, String route) {
        return Backend.builder("http://" + host + ":80")
                .metadata("route", route)
                .build();
    }

    private static LoadBalancer pool(Backend... backends) {
        return LoadBalancers.builder("users").backends(List.of(backends)).build();
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "null",
            value = {
                "WHOLE,        a~b.c, a~b.c",
                "WHOLE,        '',    null",
                "BEFORE_TILDE, a~b.c, a",
                "BEFORE_TILDE, a.b,   null",
                "BEFORE_TILDE, ~a,    null",
                "AFTER_DOT,    a.b.c, c",
                "AFTER_DOT,    a~b,   null",
                "AFTER_DOT,    a.,    null",
            })
    void name_isThePartOfTheValue(ValuePart part, String value, String name) {
        assertThat(CookieBackendLookup.nameIn(cookie(Naming.ID, null, part), value))
                .isEqualTo(name);
    }

    @Test
    void id_needsNoList() {
        try (LoadBalancer pool = pool()) {
            CookieBackendLookup lookup = CookieBackendLookup.of(pool, cookie(Naming.ID, null, ValuePart.WHOLE));
            assertThat(lookup.idOf("unknown:80")).isEqualTo("unknown:80");
        }
    }

    @Test
    void metadata_followThePoolsList() {
        try (LoadBalancer pool = pool(backend("a", "r1"))) {
            CookieBackendLookup lookup =
                    CookieBackendLookup.of(pool, cookie(Naming.METADATA, "route", ValuePart.WHOLE));
            assertThat(lookup.idOf("r1")).isEqualTo("a:80");
            assertThat(lookup.idOf("r2")).isNull();

            pool.registry().add(backend("b", "r2"));
            assertThat(lookup.idOf("r2")).isEqualTo("b:80");

            pool.registry().replaceAll(List.of(backend("a", "r1"), backend("b", "r3")));
            assertThat(lookup.idOf("r2")).isNull();
            assertThat(lookup.idOf("r3")).isEqualTo("b:80");

            pool.registry().remove("a:80").toCompletableFuture().join();
            assertThat(lookup.idOf("r1")).isNull();
        }
    }

    @Test
    void ofTwoBackendsOfOneName_theFirstHasIt_andGoingTakesNoOthersAway() {
        try (LoadBalancer pool = pool(backend("a", "r"), backend("b", "r"))) {
            CookieBackendLookup lookup =
                    CookieBackendLookup.of(pool, cookie(Naming.METADATA, "route", ValuePart.WHOLE));
            pool.registry().remove("b:80").toCompletableFuture().join();
            assertThat(lookup.idOf("r")).isEqualTo("a:80");
        }
    }

    @Test
    void uriHash_isTraefiks_theFirst16DigitsOfSha256() {
        Backend backend = Backend.of("http://10.0.0.1:80");
        // printf 'http://10.0.0.1:80' | sha256sum | cut -c 1-16
        assertThat(CookieBackendLookup.nameOf(cookie(Naming.URI_HASH, null, ValuePart.WHOLE), backend))
                .isEqualTo("df5bd2f9c0180410");
    }
}
