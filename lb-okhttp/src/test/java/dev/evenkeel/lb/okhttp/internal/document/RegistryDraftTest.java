package dev.evenkeel.lb.okhttp.internal.document;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.evenkeel.lb.spi.BackendDiscovery;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A registry of a document, whose source is made for each pool. */
class RegistryDraftTest {
    /** What each builder was made with and was told. */
    private final List<List<String>> builders = new ArrayList<>();

    private final RegistryDraft<List<String>> draft = new RegistryDraft<>((name, server, others) -> {
        if (server.isEmpty()) {
            throw new IllegalArgumentException("no URL");
        }
        List<String> builder = new ArrayList<>(List.of(name, server));
        builder.addAll(List.of(others));
        builders.add(builder);
        return builder;
    });

    private static BackendDiscovery source(List<String> builder) {
        return receiver -> {
            throw new UnsupportedOperationException(String.join(" ", builder));
        };
    }

    @Test
    void source_isMadeForEachPool_withWhatWasSet() {
        draft.servers(List.of("a", "b", "c"));
        draft.set(builder -> builder.add("set"));
        builders.clear();

        var sources = requireNonNull(draft.sources(RegistryDraftTest::source));
        BackendDiscovery users = sources.apply("users");
        BackendDiscovery orders = sources.apply("orders");

        assertThat(users).isNotSameAs(orders);
        assertThat(builders)
                .containsExactly(List.of("users", "a", "b", "c", "set"), List.of("orders", "a", "b", "c", "set"));
    }

    @Test
    void givenName_goesBeforeThePools() {
        assertThat(draft.nameOr("users")).isEqualTo("users");
        assertThat(draft.hasName()).isFalse();

        draft.name("accounts");

        assertThat(draft.nameOr("users")).isEqualTo("accounts");
        assertThat(draft.hasName()).isTrue();
    }

    @Test
    void serversThatTheBuilderRefuses_areNone() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> draft.servers(List.of("", "b")))
                .withMessage("no URL");

        assertThat(draft.hasServers()).isFalse();
        assertThat(draft.sources(RegistryDraftTest::source)).isNull();
    }

    @Test
    void serversThatAreWrittenElsewhere_areThoseOfTheSource() {
        draft.configured(name -> new ArrayList<>(List.of(name, "elsewhere")));
        draft.set(builder -> builder.add("set"));

        assertThat(draft.hasServers()).isTrue();
        assertThat(draft.hasServersTwice()).isFalse();
        assertThat(draft.applied(draft.builder("users"))).containsExactly("users", "elsewhere", "set");

        draft.servers(List.of("a"));
        assertThat(draft.hasServersTwice()).isTrue();
    }

    @Test
    void settingThatIsRefused_isNotKept() {
        draft.servers(List.of("a"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> draft.set(builder -> {
                    throw new IllegalArgumentException("refused");
                }));

        builders.clear();
        BackendDiscovery unused =
                requireNonNull(draft.sources(RegistryDraftTest::source)).apply("users");
        assertThat(builders).containsExactly(List.of("users", "a"));
    }

    @Test
    void blankName_isRefused() {
        for (String bad : List.of(" ", "a\nb")) {
            assertThatIllegalArgumentException().isThrownBy(() -> draft.name(bad));
        }
        assertThat(draft.hasName()).isFalse();
    }
}
