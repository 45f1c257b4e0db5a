package dev.evenkeel.lb;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.AttemptObserver.AttemptKind;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class RequestContextTest {
    private static final Backend BACKEND = Backend.of("http://10.0.0.1:8080");
    private static final Subset SUBSET = Subset.of(Map.of("version", "2"));
    private static final Predicate<Backend> ANY = backend -> true;
    private static final Lease LEASE = (Lease) Proxy.newProxyInstance(
            Lease.class.getClassLoader(), new Class<?>[] {Lease.class}, (proxy, method, arguments) -> null);

    /** With a value of its own for each property. */
    private static final class Full implements RequestContext {
        @Override
        public String affinityKey() {
            return "user-1";
        }

        @Override
        public InetAddress clientAddress() {
            return InetAddress.getLoopbackAddress();
        }

        @Override
        public String boundBackend() {
            return "10.0.0.1:8080";
        }

        @Override
        public Subset subset() {
            return SUBSET;
        }

        @Override
        public Predicate<Backend> permitted() {
            return ANY;
        }

        @Override
        public List<Backend> tried() {
            return List.of(BACKEND);
        }

        @Override
        public boolean ignoresPassiveHealth() {
            return true;
        }

        @Override
        public AttemptKind attemptKind() {
            return AttemptKind.HEDGE;
        }

        @Override
        public Lease previous() {
            return LEASE;
        }
    }

    static Stream<UnaryOperator<RequestContext>> changesToTheSame() {
        return Stream.of(
                context -> context.withTried(List.of(BACKEND)),
                context -> context.withBoundBackend("10.0.0.1:8080"),
                context -> context.withSubset(SUBSET),
                context -> context.withPermitted(ANY),
                context -> context.withPassiveHealthIgnored(true));
    }

    private static List<@Nullable Object> properties(RequestContext context) {
        return Stream.of(
                        context.affinityKey(),
                        context.clientAddress(),
                        context.boundBackend(),
                        context.subset(),
                        context.permitted(),
                        context.tried(),
                        context.ignoresPassiveHealth(),
                        context.attemptKind(),
                        System.identityHashCode(context.previous()))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("changesToTheSame")
    void change_keepsEverythingElse(UnaryOperator<RequestContext> change) {
        RequestContext changed = change.apply(new Full());

        assertThat(properties(changed)).isEqualTo(properties(new Full()));
        assertThat(properties(change.apply(changed))).isEqualTo(properties(new Full()));
    }

    @Test
    void attempt_isARetryAfterOthers_unlessItsKindIsGiven() {
        assertThat(RequestContext.NONE.withBoundBackend("a").attemptKind()).isEqualTo(AttemptKind.FIRST);
        assertThat(RequestContext.NONE.withTried(List.of(BACKEND)).attemptKind())
                .isEqualTo(AttemptKind.RETRY);
        assertThat(RequestContext.NONE
                        .withTried(List.of(BACKEND))
                        .withTried(List.of())
                        .attemptKind())
                .isEqualTo(AttemptKind.FIRST);
        assertThat(new Full().withTried(List.of()).attemptKind()).isEqualTo(AttemptKind.HEDGE);
    }
}
