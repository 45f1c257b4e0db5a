package dev.evenkeel.lb.okhttp.internal.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.Outcome;
import okhttp3.Headers;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.Response;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What gRPC's statuses say of a backend. */
class GrpcStatusTest {
    private static Response response(String... headers) {
        return new Response.Builder()
                .request(new Request.Builder().url("http://users/").build())
                .protocol(Protocol.HTTP_2)
                .code(200)
                .message("")
                .headers(Headers.of(headers))
                .build();
    }

    @ParameterizedTest
    @CsvSource({
        "0,  SUCCESS",
        "1,  CANCELLED",
        "2,  SERVER_ERROR",
        "3,  SUCCESS",
        "4,  TIMED_OUT",
        "5,  SUCCESS",
        "7,  SUCCESS",
        "8,  THROTTLED",
        "9,  SUCCESS",
        "12, SUCCESS",
        "13, SERVER_ERROR",
        "14, GATEWAY_ERROR",
        "15, SERVER_ERROR",
        "16, SUCCESS",
        "17, SERVER_ERROR",
        "OK, SERVER_ERROR",
    })
    void status_ofTrailersOrHead_isAnOutcome(String status, Outcome expected) {
        assertThat(GrpcStatus.outcome(response(), Headers.of("grpc-status", " " + status)))
                .isEqualTo(expected);
        assertThat(GrpcStatus.outcome(response("grpc-status", status), Headers.EMPTY))
                .isEqualTo(expected);
    }

    @Test
    void trailers_goBeforeTheHead_andNoneIsNoOutcome() {
        assertThat(GrpcStatus.outcome(response("grpc-status", "0"), Headers.of("grpc-status", "14")))
                .isEqualTo(Outcome.GATEWAY_ERROR);
        assertThat(GrpcStatus.outcome(response(), Headers.EMPTY)).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"application/grpc", "application/grpc+proto", "Application/GRPC; charset=utf-8"})
    void contentTypeOfGrpc_isSpoken(String type) {
        assertThat(GrpcStatus.isSpoken(response("Content-Type", type))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"application/grpc-web", "application/GRPC-Web+proto", "application/json", "text/plain"})
    void contentTypeOfSomethingElse_isNot(String type) {
        assertThat(GrpcStatus.isSpoken(response("Content-Type", type))).isFalse();
        assertThat(GrpcStatus.isSpoken(response())).isFalse();
    }
}
