package dev.evenkeel.lb.okhttp.route;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import okhttp3.Cookie;
import okhttp3.CookieJar;
import okhttp3.HttpUrl;
import okhttp3.Request;
import org.junit.jupiter.api.Test;

/** The parts of a request that routes look at. */
class MatchContextTest {
    private static Request.Builder request(String url) {
        return new Request.Builder().url(url);
    }

    private static MatchContext of(Request.Builder request) {
        return new MatchContext(request.build(), CookieJar.NO_COOKIES);
    }

    @Test
    void hostAndPath_areInNormalForm() {
        MatchContext context = of(request("http://API.example.com./%7euser/a%2fb"));

        assertThat(context.host()).isEqualTo("api.example.com");
        assertThat(context.path()).isEqualTo(Paths.normal("/~user/a%2Fb"));
    }

    @Test
    void queryParameter_withoutAValue_hasTheEmptyOne() {
        MatchContext context = of(request("http://h/?flag&q=1&q=a%20b"));

        assertThat(context.query("flag")).containsExactly("");
        assertThat(context.query("q")).containsExactly("1", "a b");
        assertThat(context.query("none")).isEmpty();
    }

    @Test
    void cookies_ofTheHeader_areSplitAndStripped() {
        MatchContext context = of(request("http://h/").header("Cookie", "a=1; b=x=y ;a=2; flag; aa=3"));

        assertThat(context.cookies("a")).containsExactly("1", "2");
        assertThat(context.cookies("b")).containsExactly("x=y");
        assertThat(context.cookies("flag")).isEmpty();
    }

    @Test
    void cookiesOfTheJar_goBeforeTheHeaders_andAreLoadedOnce() {
        List<HttpUrl> loads = new ArrayList<>();
        CookieJar jar = new CookieJar() {
            @Override
            public void saveFromResponse(HttpUrl url, List<Cookie> cookies) {}

            @Override
            public List<Cookie> loadForRequest(HttpUrl url) {
                loads.add(url);
                return List.of(
                        new Cookie.Builder().name("a").value("jar").domain("h").build());
            }
        };
        MatchContext context = new MatchContext(
                request("http://h/").header("Cookie", "a=header; b=1").build(), jar);

        assertThat(context.cookies("a")).containsExactly("jar");
        assertThat(context.cookies("b")).isEmpty();
        assertThat(loads).hasSize(1);
    }
}
