package dev.evenkeel.lb.okhttp.internal.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import okhttp3.MediaType;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.ResponseBody;
import okio.Buffer;
import okio.ForwardingSource;
import okio.Okio;
import org.junit.jupiter.api.Test;

/** Bodies whose readers get another exception. */
class ExplainedBodyTest {
    private static final MediaType TEXT = MediaType.get("text/plain; charset=utf-8");

    private static Response response(ResponseBody body) {
        return new Response.Builder()
                .request(new Request.Builder().url("http://users/").build())
                .protocol(Protocol.HTTP_2)
                .code(200)
                .message("")
                .body(body)
                .build();
    }

    @Test
    void body_hasTheSameBytes_throughAnotherSource() throws Exception {
        Response original = response(ResponseBody.create("text", TEXT));

        Response wrapped = ExplainedBody.wrap(original, e -> e);

        assertThat(wrapped.body().source()).isNotSameAs(original.body().source());
        assertThat(wrapped.body().contentLength()).isEqualTo(4);
        assertThat(wrapped.body().contentType()).isEqualTo(TEXT);
        assertThat(wrapped.body().string()).isEqualTo("text");
        assertThat(original.body().source().exhausted()).isTrue();
    }

    @Test
    void brokenBody_isExplained() {
        IOException failure = new IOException("reset");
        ResponseBody broken = ResponseBody.create(
                Okio.buffer(new ForwardingSource(new Buffer()) {
                    @Override
                    public long read(Buffer sink, long byteCount) throws IOException {
                        throw failure;
                    }
                }),
                TEXT,
                -1);

        Response wrapped = ExplainedBody.wrap(response(broken), e -> new IOException("explained", e));

        assertThatThrownBy(() -> wrapped.body().string())
                .isInstanceOf(IOException.class)
                .hasMessage("explained")
                .hasCause(failure);
    }
}
