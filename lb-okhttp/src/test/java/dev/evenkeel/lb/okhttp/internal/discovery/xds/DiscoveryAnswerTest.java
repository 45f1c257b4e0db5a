package dev.evenkeel.lb.okhttp.internal.discovery.xds;

import static dev.evenkeel.lb.okhttp.internal.discovery.xds.XdsMessages.ENDPOINTS;
import static dev.evenkeel.lb.okhttp.internal.discovery.xds.XdsMessages.assignment;
import static dev.evenkeel.lb.okhttp.internal.discovery.xds.XdsMessages.message;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.evenkeel.lb.okhttp.internal.discovery.registry.MalformedAnswerException;
import okio.ByteString;
import org.junit.jupiter.api.Test;

/** The answers of both protocols. */
class DiscoveryAnswerTest {
    private static final ByteString USERS = assignment("users").bytes();

    private static void assertUsers(DiscoveryAnswer answer) throws Exception {
        assertThat(answer.typeUrl()).isEqualTo(ENDPOINTS);
        assertThat(answer.nonce()).isEqualTo("n7");
        assertThat(answer.resources()).singleElement().satisfies(resource -> {
            assertThat(resource.typeUrl()).isEqualTo(ENDPOINTS);
            assertThat(LoadAssignmentParser.parse(resource.message(), "users")).isNotNull();
        });
    }

    @Test
    void stateOfTheWorld_isRead() throws Exception {
        DiscoveryAnswer answer = DiscoveryAnswer.stateOfTheWorld(
                XdsMessages.answer(ENDPOINTS, "v1", "n7", USERS).toByteArray());
        assertUsers(answer);
        assertThat(answer.version()).isEqualTo("v1");
    }

    @Test
    void resourceWithATimeToLive_isUnwrapped() throws Exception {
        ProtoWriter any = message().text(1, ENDPOINTS).message(2, assignment("users"));
        ProtoWriter wrapped = message()
                .text(1, "type.googleapis.com/envoy.service.discovery.v3.Resource")
                .message(2, message().message(2, any).text(3, "users"));
        assertUsers(DiscoveryAnswer.stateOfTheWorld(message()
                .message(2, wrapped)
                .text(4, ENDPOINTS)
                .text(5, "n7")
                .bytes()
                .toByteArray()));
    }

    @Test
    void delta_isRead() throws Exception {
        DiscoveryAnswer answer = DiscoveryAnswer.delta(
                XdsMessages.delta(ENDPOINTS, "n7", "users", USERS, "a", "b").toByteArray());
        assertUsers(answer);
        assertThat(answer.removed()).containsExactly("a", "b");
    }

    @Test
    void resources_areBounded() {
        ProtoWriter answer = message();
        for (int i = 0; i <= DiscoveryAnswer.MAX_RESOURCES; i++) {
            answer.message(2, message());
        }
        assertThatExceptionOfType(MalformedAnswerException.class)
                .isThrownBy(() -> DiscoveryAnswer.stateOfTheWorld(answer.bytes().toByteArray()))
                .withMessage("an answer must have at most 10000 resources");
    }
}
