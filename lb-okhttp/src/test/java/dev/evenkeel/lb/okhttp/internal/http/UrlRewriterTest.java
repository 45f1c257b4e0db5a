package dev.evenkeel.lb.okhttp.internal.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.Backend;
import okhttp3.HttpUrl;
import org.junit.jupiter.api.Test;

/** URLs on the wire, and back. */
class UrlRewriterTest {
    private static final Backend BACKEND = Backend.of("https://10.0.0.1:8443/v2");

    @Test
    void url_isRewrittenToTheBackend_andBack() {
        HttpUrl logical = HttpUrl.get("http://users/a%20b?q=1");

        HttpUrl wire = UrlRewriter.toBackend(logical, BACKEND);

        assertThat(wire).isEqualTo(HttpUrl.get("https://10.0.0.1:8443/v2/a%20b?q=1"));
        assertThat(UrlRewriter.isBackends(wire, BACKEND)).isTrue();
        assertThat(UrlRewriter.isBackends(logical, BACKEND)).isFalse();
        assertThat(UrlRewriter.toLogical(wire, logical, BACKEND)).isEqualTo(logical);
    }

    @Test
    void path_withoutThePrefix_isKept() {
        assertThat(UrlRewriter.toLogical(
                        HttpUrl.get("https://10.0.0.1:8443/v20/x"), HttpUrl.get("http://users/"), BACKEND))
                .isEqualTo(HttpUrl.get("http://users/v20/x"));
        assertThat(UrlRewriter.withPrefix(HttpUrl.get("http://users/x"), "/v2"))
                .isEqualTo(HttpUrl.get("http://users/v2/x"));
    }
}
