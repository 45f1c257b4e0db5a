package dev.evenkeel.lb.okhttp.internal.call;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.ResponseBody;
import okio.Buffer;
import okio.ForwardingSource;
import okio.Okio;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which responses are wrapped, so that a reader learns why the pool has cut its body off. */
class ReturnedResponseTest {
    private static Response response(long length) {
        return new Response.Builder()
                .request(new Request.Builder().url("http://users/x").build())
                .protocol(Protocol.HTTP_1_1)
                .code(200)
                .message("OK")
                .body(ResponseBody.create(Okio.buffer(new CutOff()), null, length))
                .build();
    }

    private static Response forCaller(Response response) {
        return ReturnedResponse.forCaller(
                ReturnedResponse.of(response), response, e -> new IOException("explained", e));
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 65_536})
    void shortBody_isReturnedAsItIs(long length) {
        Response response = response(length);

        assertThat(forCaller(response)).isSameAs(response);
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, 65_537, Long.MAX_VALUE})
    void stream_saysWhyItWasCutOff(long length) {
        Response returned = forCaller(response(length));

        assertThat(returned.body().contentLength()).isEqualTo(length);
        assertThatThrownBy(() -> returned.body().source().readByte())
                .hasMessage("explained")
                .hasRootCauseMessage("cut off");
    }

    @Test
    void ordinaryResponse_leavesNothingToKeep() {
        assertThat(ReturnedResponse.of(response(1))).isNull();
        assertThat(ReturnedResponse.of(response(-1))).isNull();
        assertThat(ReturnedResponse.connection(null)).isNull();
    }

    @Test
    void responseWithTrailers_isKeptUntilTheyAreTaken() {
        Response chunked =
                response(-1).newBuilder().header("Transfer-Encoding", "chunked").build();
        ReturnedResponse kept = requireNonNull(ReturnedResponse.of(chunked));

        assertThat(ReturnedResponse.connection(kept)).isNull();
        assertThat(kept.takeTrailing()).isSameAs(chunked);
        assertThat(kept.takeTrailing()).isNull();
    }

    private static final class CutOff extends ForwardingSource {
        CutOff() {
            super(new Buffer());
        }

        @Override
        public long read(Buffer sink, long byteCount) throws IOException {
            throw new IOException("cut off");
        }
    }
}
