package dev.evenkeel.lb.okhttp.health;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.core.internal.log.Printable;
import dev.evenkeel.lb.okhttp.internal.health.CheckClient;
import dev.evenkeel.lb.spi.HealthCheck;
import dev.evenkeel.lb.spi.HealthResult;
import java.io.EOFException;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okio.Buffer;
import okio.BufferedSource;
import org.jspecify.annotations.Nullable;

/**
 * Asks {@code grpc.health.v1.Health/Check}, over HTTP/2: with prior knowledge for {@code http} backends, by ALPN for
 * {@code https} ones. Healthy is {@code SERVING} with status 0, as the
 * <a href="https://github.com/grpc/grpc/blob/master/doc/health-checking.md">gRPC health checking protocol</a> says.
 *
 * <p>No gRPC library is needed: both messages have one field. Thread-safe.
 */
public final class GrpcHealthCheck implements HealthCheck {
    private static final MediaType GRPC = MediaType.get("application/grpc");
    private static final long MAX_MESSAGE_BYTES = 1_024;
    private static final int SERVING = 1;

    private final CheckClient client;
    private final byte[] message;

    private GrpcHealthCheck(OkHttpClient client, @Nullable String logicalHost, String service) {
        this.client = new CheckClient(client, logicalHost);
        this.message = request(service);
    }

    /**
     * Asks about a service, under a logical host.
     *
     * @param client lends TLS settings, Dns and dispatcher threads
     * @param logicalHost the pool's name: what {@code :authority}, SNI and the certificate say
     * @param service the name of the service; empty for the server as a whole
     * @return a check
     */
    public static GrpcHealthCheck of(OkHttpClient client, String logicalHost, String service) {
        return new GrpcHealthCheck(client, logicalHost, service);
    }

    @Override
    public void retain() {
        client.retain();
    }

    /** Removes a pool that used this check; without pools the idle connections are closed. */
    @Override
    public void release() {
        client.release();
    }

    @Override
    public CompletionStage<HealthResult> check(Backend backend, Duration timeout) {
        Request.Builder request = new Request.Builder()
                .url(client.url(backend, "/grpc.health.v1.Health/Check"))
                .header("TE", "trailers")
                .post(RequestBody.create(message, GRPC));
        String host = client.hostHeader();
        if (host != null) {
            request.header("Host", host);
        }
        return client.send(backend, request.build(), timeout, true, GrpcHealthCheck::judge);
    }

    private static HealthResult judge(Response response) throws IOException {
        if (response.code() != 200) {
            return HealthResult.unhealthy("HTTP " + response.code());
        }
        String status = response.header("grpc-status");
        int serving = -1;
        if (status == null) {
            serving = readStatus(response.body().source());
            status = response.trailers().get("grpc-status");
        }
        if (status == null) {
            return HealthResult.unhealthy("the answer has no grpc-status");
        }
        if (!status.equals("0")) {
            return HealthResult.unhealthy("grpc-status " + Printable.of(status, 20));
        }
        return serving == SERVING ? HealthResult.healthy("SERVING") : HealthResult.unhealthy(name(serving));
    }

    /** One length-prefixed message with at most field 1, a varint; then the end of the stream. */
    private static int readStatus(BufferedSource source) throws IOException {
        try {
            if (source.readByte() != 0) {
                throw new IOException("the answer is compressed, although nothing was offered");
            }
            long length = source.readInt() & 0xffff_ffffL;
            if (length > MAX_MESSAGE_BYTES) {
                throw new IOException("the answer has a message of " + length + " bytes");
            }
            Buffer message = new Buffer();
            source.readFully(message, length);
            if (!source.exhausted()) {
                throw new IOException("the answer has more than one message");
            }
            return status(message);
        } catch (EOFException e) {
            throw new IOException("the answer ends within a message", e);
        }
    }

    private static int status(Buffer message) throws IOException {
        int status = 0;
        while (!message.exhausted()) {
            long tag = varint(message);
            switch ((int) (tag & 7)) {
                case 0 -> {
                    long value = varint(message);
                    if (tag >>> 3 == 1) {
                        status = (int) value;
                    }
                }
                case 1 -> message.skip(8);
                case 2 -> message.skip(varint(message));
                case 5 -> message.skip(4);
                default -> throw new IOException("the answer is malformed: wire type " + (tag & 7));
            }
        }
        return status;
    }

    private static long varint(Buffer message) throws IOException {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            byte b = message.readByte();
            value |= (long) (b & 0x7f) << shift;
            if (b >= 0) {
                return value;
            }
        }
        throw new IOException("the answer is malformed: a varint of more than 10 bytes");
    }

    private static byte[] request(String service) {
        Buffer message = new Buffer();
        if (!service.isEmpty()) {
            Buffer name = new Buffer().writeUtf8(service);
            message.writeByte(0x0a);
            long length = name.size();
            while (length > 0x7f) {
                message.writeByte((int) ((length & 0x7f) | 0x80));
                length >>>= 7;
            }
            message.writeByte((int) length);
            message.write(name, name.size());
        }
        Buffer frame = new Buffer().writeByte(0).writeInt((int) message.size());
        frame.write(message, message.size());
        return frame.readByteArray();
    }

    private static String name(int status) {
        return switch (status) {
            case 0 -> "UNKNOWN";
            case 2 -> "NOT_SERVING";
            case 3 -> "SERVICE_UNKNOWN";
            case -1 -> "no message";
            default -> "serving status " + status;
        };
    }
}
