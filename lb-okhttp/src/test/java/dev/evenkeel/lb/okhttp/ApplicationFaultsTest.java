package dev.evenkeel.lb.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.evenkeel.lb.okhttp.affinity.SessionPolicy;
import dev.evenkeel.lb.okhttp.retry.OutcomeClassifier;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import java.util.stream.Stream;
import okhttp3.OkHttpClient;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Functions of the application on the way of a call that throw an Error: the call fails with an IOException, or goes on, and
 * gives back what it held. An error of the virtual machine is thrown on when that is done.
 */
@Timeout(60)
class ApplicationFaultsTest {
    private final AtomicBoolean bad = new AtomicBoolean();

    enum Place {
        AFFINITY_KEY,
        CLIENT_ADDRESS,
        SESSION,
        CREDENTIALS,
        CLASSIFIER;

        LoadBalancingBuilder in(LoadBalancingBuilder builder, Runnable code) {
            return switch (this) {
                case AFFINITY_KEY ->
                    builder.affinityKey(request -> {
                        code.run();
                        return "key";
                    });
                case CLIENT_ADDRESS ->
                    builder.clientAddress(request -> {
                        code.run();
                        return null;
                    });
                case SESSION ->
                    builder.sessions(SessionPolicy.byTable(request -> {
                        code.run();
                        return "key";
                    }));
                case CREDENTIALS ->
                    builder.credentials(backend -> {
                        code.run();
                        return okhttp3.Headers.EMPTY;
                    });
                case CLASSIFIER ->
                    builder.outcomes(ending -> {
                        code.run();
                        return OutcomeClassifier.standard().classify(ending);
                    });
            };
        }
    }

    enum Fault {
        ASSERTION(() -> new AssertionError("on purpose")),
        LINKAGE(() -> new NoClassDefFoundError("on/purpose")),
        STACK(StackOverflowError::new),
        MEMORY(() -> new OutOfMemoryError("on purpose"));

        private final Supplier<Error> errors;

        Fault(Supplier<Error> errors) {
            this.errors = errors;
        }
    }

    static Stream<Arguments> matrix() {
        return Stream.of(Place.values())
                .flatMap(place -> Stream.of(Fault.values()).map(fault -> Arguments.of(place, fault)));
    }

    @ParameterizedTest
    @MethodSource("matrix")
    void functionThrowsAnError_callEndsAndGivesBackWhatItHeld(Place place, Fault fault) throws IOException {
        try (TestBackend a = TestBackend.start("a");
                RecordingPool pool = RecordingPool.of(a)) {
            OkHttpClient client = place.in(LoadBalancing.builder().pools(pool), () -> {
                        if (bad.get()) {
                            throw fault.errors.get();
                        }
                    })
                    .attach(new OkHttpClient());
            assertThat(Calls.body(client, "http://users/x")).isEqualTo("a");
            bad.set(true);

            if (fault == Fault.MEMORY) {
                assertThatThrownBy(() -> Calls.body(client, "http://users/x")).isInstanceOf(OutOfMemoryError.class);
            } else if (place == Place.CLASSIFIER) {
                assertThat(Calls.body(client, "http://users/x")).isEqualTo("a");
            } else {
                assertThatThrownBy(() -> Calls.body(client, "http://users/x"))
                        .isInstanceOf(IOException.class)
                        .hasMessageContaining(
                                "threw " + fault.errors.get().getClass().getName());
            }

            assertThat(pool.inFlight()).isZero();
            bad.set(false);
            assertThat(Calls.body(client, "http://users/x")).isEqualTo("a");
            assertThat(pool.inFlight()).isZero();
        }
    }
}
