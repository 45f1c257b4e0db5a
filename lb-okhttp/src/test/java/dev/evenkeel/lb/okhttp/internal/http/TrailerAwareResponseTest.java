package dev.evenkeel.lb.okhttp.internal.http;

import static org.assertj.core.api.Assertions.assertThat;

import okhttp3.Headers;
import okhttp3.MediaType;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.ResponseBody;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Responses whose trailers may decide their outcome. */
class TrailerAwareResponseTest {
    private static Response.Builder response(Protocol protocol) {
        return new Response.Builder()
                .request(new Request.Builder().url("http://users/").build())
                .protocol(protocol)
                .code(200)
                .message("")
                .body(ResponseBody.create("text", MediaType.get("text/plain; charset=utf-8")));
    }

    @ParameterizedTest
    @CsvSource({"HTTP_2, true", "H2_PRIOR_KNOWLEDGE, true", "HTTP_1_1, false", "HTTP_1_0, false"})
    void response_isKept_whereTrailersCanFollow(Protocol protocol, boolean kept) {
        assertThat(TrailerAwareResponse.of(response(protocol).build()) != null).isEqualTo(kept);
    }

    @Test
    void chunkedResponse_ofHttp1_isKept() {
        assertThat(TrailerAwareResponse.of(response(Protocol.HTTP_1_1)
                        .header("Transfer-Encoding", "chunked")
                        .build()))
                .isNotNull();
    }

    @Test
    void trailers_thatCannotBeHad_areEmpty() {
        assertThat(TrailerAwareResponse.trailers(response(Protocol.HTTP_2)
                        .trailers(() -> Headers.of("a", "b"))
                        .build()))
                .isEqualTo(Headers.EMPTY);
        assertThat(TrailerAwareResponse.trailers(response(Protocol.HTTP_2)
                        .trailers(() -> {
                            throw new IllegalStateException("closed");
                        })
                        .build()))
                .isEqualTo(Headers.EMPTY);
    }
}
