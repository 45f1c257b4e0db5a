package dev.evenkeel.lb.okhttp.internal.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.okhttp.retry.OutcomeClassifier;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import okhttp3.Headers;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.Response;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The application's classifier, whatever it does. */
class SafeOutcomeClassifierTest {
    private static final Request REQUEST =
            new Request.Builder().url("http://users/").build();

    private static final Response RESPONSE = new Response.Builder()
            .request(REQUEST)
            .protocol(Protocol.HTTP_1_1)
            .code(500)
            .message("")
            .build();

    private static Outcome ofResponse(OutcomeClassifier classifier) {
        return new SafeOutcomeClassifier(classifier).of(REQUEST, RESPONSE, Headers.EMPTY);
    }

    @Test
    void classifier_getsWhatThereIs_andTheStandardOutcome() {
        List<OutcomeClassifier.Ending> endings = new ArrayList<>();
        SafeOutcomeClassifier classifier = new SafeOutcomeClassifier(ending -> {
            endings.add(ending);
            return Outcome.THROTTLED;
        });
        IOException failure = new IOException();

        assertThat(classifier.of(REQUEST, RESPONSE, Headers.EMPTY)).isEqualTo(Outcome.THROTTLED);
        assertThat(classifier.of(REQUEST, failure, Outcome.FAILED)).isEqualTo(Outcome.THROTTLED);
        assertThat(endings)
                .containsExactly(
                        new OutcomeClassifier.Ending(REQUEST, RESPONSE, Headers.EMPTY, null, Outcome.SERVER_ERROR),
                        new OutcomeClassifier.Ending(REQUEST, null, Headers.EMPTY, failure, Outcome.FAILED));
    }

    @ParameterizedTest
    @EnumSource(names = {"CANCELLED", "DISCARDED"})
    void endThatIsNotTheBackendsDoing_isNotAskedAbout(Outcome standard) {
        SafeOutcomeClassifier classifier = new SafeOutcomeClassifier(ending -> {
            throw new AssertionError("asked");
        });
        assertThat(classifier.of(REQUEST, new IOException(), standard)).isEqualTo(standard);
    }

    @Test
    void classifierThatThrows_orReturnsNull_leavesTheStandardOutcome() {
        assertThat(ofResponse(ending -> {
                    throw new IllegalStateException();
                }))
                .isEqualTo(Outcome.SERVER_ERROR);
        assertThat(ofResponse(ending -> null)).isEqualTo(Outcome.SERVER_ERROR);
    }

    @Test
    void faultOfTheVirtualMachine_isThrownOn() {
        assertThatThrownBy(() -> ofResponse(ending -> {
                    throw new OutOfMemoryError();
                }))
                .isInstanceOf(OutOfMemoryError.class);
    }
}
