package dev.evenkeel.lb.okhttp.internal.discovery.xds;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.evenkeel.lb.okhttp.internal.discovery.registry.MalformedAnswerException;
import java.io.EOFException;
import okhttp3.MediaType;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.ResponseBody;
import okio.Buffer;
import okio.ByteString;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The frames of gRPC's messages. */
class GrpcAnswerTest {

    private static GrpcAnswer answer(String hex, String type, String... headers) throws Exception {
        Buffer body = new Buffer().write(ByteString.decodeHex(hex));
        Response.Builder response = new Response.Builder()
                .request(new Request.Builder().url("http://xds/").build())
                .protocol(Protocol.HTTP_2)
                .code(200)
                .message("")
                .body(ResponseBody.create(body, MediaType.get("application/grpc"), body.size()))
                .header("Content-Type", type);
        for (int i = 0; i < headers.length; i += 2) {
            response.header(headers[i], headers[i + 1]);
        }
        return new GrpcAnswer(response.build(), body);
    }

    private static GrpcAnswer answer(String hex) throws Exception {
        return answer(hex, "application/grpc");
    }

    @Test
    void messages_areReadOneByOne() throws Exception {
        GrpcAnswer answer = answer("0000000002abcd" + "0000000000" + "00000000", "application/grpc+proto");
        assertThat(answer.next()).containsExactly(0xab, 0xcd);
        assertThat(answer.hasMore()).isTrue();
        assertThat(answer.next()).isEmpty();
        assertThatExceptionOfType(EOFException.class).isThrownBy(answer::next);
    }

    @Test
    void statusOfAHeadAlone_isTheEnd() throws Exception {
        assertThat(answer("", "application/grpc", "grpc-status", "0").next()).isNull();
        assertThatExceptionOfType(GrpcStatusException.class)
                .isThrownBy(() -> answer("", "application/grpc", "grpc-status", "16", "grpc-message", "%e2%82%ac%zz")
                        .next())
                .withMessage("the control plane ended the stream with grpc-status 16: €%zz");
    }

    @ParameterizedTest
    @CsvSource({
        "0100000000, a message must not be compressed",
        "0001000001, a message must have at most 16777216 bytes: 16777217",
        "00ffffffff, a message must have at most 16777216 bytes: 4294967295",
        "'', a stream of gRPC must end with a status",
    })
    void frameThatIsNone_isRefused(String hex, String rule) throws Exception {
        GrpcAnswer answer = answer(hex);
        assertThatExceptionOfType(MalformedAnswerException.class)
                .isThrownBy(answer::next)
                .withMessage(rule);
    }

    @Test
    void answerOfAnotherType_isRefused() {
        assertThatExceptionOfType(MalformedAnswerException.class)
                .isThrownBy(() -> answer("", "text/html"))
                .withMessage("the answer must be of gRPC: its type is \"text/html\"");
    }
}
