package dev.evenkeel.lb.okhttp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.Outcome;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.List;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okio.BufferedSink;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Bodies of any size pass through: nothing on the way keeps them. */
@Timeout(120)
class LargeDownloadTest {
    private static final int MEGABYTE = 1 << 20;
    private static final int SIZE_MEGABYTES = 1024;
    /** Far more than a call needs, and far less than the body. */
    private static final long ALLOWANCE_BYTES = 48L * MEGABYTE;

    @Test
    void download_ofAGigabyte_takesConstantMemory() throws Exception {
        byte[] megabyte = new byte[MEGABYTE];
        try (RawServer server = RawServer.start((head, out) -> {
                    out.write(("HTTP/1.1 200 OK\r\nContent-Length: " + (long) SIZE_MEGABYTES * MEGABYTE + "\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
                    for (int i = 0; i < SIZE_MEGABYTES; i++) {
                        out.write(megabyte);
                    }
                });
                RecordingPool pool = RecordingPool.of(List.of(Backend.of(server.uri())))) {
            OkHttpClient client = LoadBalancing.attach(new OkHttpClient(), pool);
            long before = usedBytes();

            try (Response response = client.newCall(Calls.get("http://users/x")).execute()) {
                InputStream body = response.body().byteStream();
                for (int i = 1; i <= SIZE_MEGABYTES; i++) {
                    assertThat(body.readNBytes(megabyte, 0, MEGABYTE)).isEqualTo(MEGABYTE);
                    if (i % 256 == 0) {
                        assertThat(usedBytes() - before).isLessThan(ALLOWANCE_BYTES);
                    }
                }
                assertThat(body.read()).isEqualTo(-1);
            }

            assertThat(pool.outcomes()).containsExactly(Outcome.SUCCESS);
            assertThat(pool.inFlight()).isZero();
        }
    }

    @Test
    void upload_ofAGigabyte_takesConstantMemory() throws Exception {
        try (RawServer server = RawServer.start(
                        (head, out) -> RawServer.write(out, 200, head.headers().get("content-length")));
                RecordingPool pool = RecordingPool.of(List.of(Backend.of(server.uri())))) {
            OkHttpClient client = LoadBalancing.attach(new OkHttpClient(), pool);
            long before = usedBytes();
            RequestBody body = new RequestBody() {
                private final byte[] megabyte = new byte[MEGABYTE];

                @Override
                public MediaType contentType() {
                    return null;
                }

                @Override
                public long contentLength() {
                    return (long) SIZE_MEGABYTES * MEGABYTE;
                }

                @Override
                public void writeTo(BufferedSink sink) throws IOException {
                    for (int i = 1; i <= SIZE_MEGABYTES; i++) {
                        sink.write(megabyte);
                        if (i % 256 == 0) {
                            assertThat(usedBytes() - before).isLessThan(ALLOWANCE_BYTES);
                        }
                    }
                }
            };

            Request put = new Request.Builder().url("http://users/x").put(body).build();
            assertThat(Calls.body(client, put)).isEqualTo(String.valueOf((long) SIZE_MEGABYTES * MEGABYTE));
            assertThat(pool.outcomes()).containsExactly(Outcome.SUCCESS);
        }
    }

    private static long usedBytes() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }
}
