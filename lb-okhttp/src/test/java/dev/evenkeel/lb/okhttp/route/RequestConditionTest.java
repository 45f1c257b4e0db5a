package dev.evenkeel.lb.okhttp.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.evenkeel.lb.okhttp.route.RequestCondition.RequestPart;
import okhttp3.CookieJar;
import okhttp3.Request;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Conditions on one header, cookie or query parameter. */
class RequestConditionTest {
    /** Has the name {@code X} in each part, with another value. */
    private static final MatchContext REQUEST = new MatchContext(
            new Request.Builder()
                    .url("http://h/?X=query")
                    .header("X", "header")
                    .header("Cookie", "X=cookie")
                    .build(),
            CookieJar.NO_COOKIES);

    @ParameterizedTest
    @CsvSource({
        "HEADER, X, header, true",
        "HEADER, x, header, true",
        "HEADER, X, query,  false",
        "COOKIE, X, cookie, true",
        "COOKIE, x, cookie, false",
        "COOKIE, X, header, false",
        "QUERY,  X, query,  true",
        "QUERY,  x, query,  false",
        "QUERY,  X, cookie, false",
    })
    void condition_looksAtItsPartAlone(RequestPart part, String name, String value, boolean holds) {
        assertThat(new RequestCondition(part, name, ValueMatcher.is(value)).holds(REQUEST))
                .isEqualTo(holds);
    }

    @Test
    void headers_areEqualInAnyCase_andCookiesAreNot() {
        assertThat(new RequestCondition(RequestPart.HEADER, "X-Stage", ValueMatcher.PRESENT))
                .isEqualTo(new RequestCondition(RequestPart.HEADER, "x-stage", ValueMatcher.PRESENT));
        assertThat(new RequestCondition(RequestPart.COOKIE, "SID", ValueMatcher.PRESENT))
                .isNotEqualTo(new RequestCondition(RequestPart.COOKIE, "sid", ValueMatcher.PRESENT));
    }

    @Test
    void name_thatIsNoToken_isRefused_exceptInAQuery() {
        for (RequestPart part : new RequestPart[] {RequestPart.HEADER, RequestPart.COOKIE}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new RequestCondition(part, "a b", ValueMatcher.PRESENT));
        }
        assertThat(new RequestCondition(RequestPart.QUERY, "a b", ValueMatcher.PRESENT).name())
                .isEqualTo("a b");
    }
}
