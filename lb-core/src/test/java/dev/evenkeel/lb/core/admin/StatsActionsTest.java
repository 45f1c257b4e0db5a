package dev.evenkeel.lb.core.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.evenkeel.lb.AdminState;
import dev.evenkeel.lb.BackendRegistry;
import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.RequestContext;
import dev.evenkeel.lb.core.PoolFixture;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The forms of the page, and what they do to a pool. */
class StatsActionsTest {
    private final LoadBalancer pool =
            new PoolFixture().builder("http://a:1", "http://b:1").build();
    private final StatsPage page = StatsPage.of(pool);

    @AfterEach
    void close() {
        pool.close();
    }

    private static Map<String, String> form(String action) {
        return Map.of("pool", "users", "backend", "a:1", "action", action, "weight", "7");
    }

    private AdminState state() {
        return pool.snapshot().backend("a:1").adminState();
    }

    @Test
    void actions_areThoseOfTheRegistry() {
        StatsActions.apply(page, form("drain"));
        assertThat(state()).isEqualTo(AdminState.DRAINING);
        StatsActions.apply(page, form("maintenance"));
        assertThat(state()).isEqualTo(AdminState.MAINTENANCE);
        StatsActions.apply(page, form("activate"));
        assertThat(state()).isEqualTo(AdminState.ACTIVE);
        StatsActions.apply(page, form("weight"));
        assertThat(pool.snapshot().backend("a:1").backend().weight()).isEqualTo(7);
        assertThat(pool.snapshot().backend("b:1").backend().weight()).isEqualTo(1);
    }

    @Test
    void formThatCannotBeApplied_saysWhy() {
        assertThatThrownBy(() -> StatsActions.apply(page, form("explode")))
                .hasMessage("unknown action \"explode\"; expected one of activate, drain, maintenance, weight");
        assertThatThrownBy(() -> StatsActions.apply(page, Map.of("pool", "none")))
                .hasMessage("there is no pool \"none\"");
        assertThatThrownBy(() -> StatsActions.apply(page, Map.of("pool", "users")))
                .hasMessage("the form has no \"backend\"");
        assertThatThrownBy(() -> StatsActions.apply(
                        page, Map.of("pool", "users", "backend", "a:1", "action", "weight", "weight", "1.5")))
                .hasMessage("weight must be a whole number: \"1.5\"");
    }

    @Test
    void drain_closesWhatIsLeft_ifTheBoxIsTicked() {
        PoolFixture fixture = new PoolFixture();
        LoadBalancer busy = fixture.builder("http://a:1", "http://b:1").build();
        List<String> closed = new ArrayList<>();
        Lease lease = PoolFixture.lease(
                busy, RequestContext.NONE.withPermitted(backend -> backend.id().equals("a:1")));
        lease.onClose(why -> closed.add(why.backend().id()));
        Map<String, String> form = new HashMap<>(form("drain"));
        StatsActions.apply(StatsPage.of(busy), form);
        fixture.time.advance(BackendRegistry.DEFAULT_DRAIN_DEADLINE);
        assertThat(closed).isEmpty();

        form.put("closeAtDeadline", "true");
        StatsActions.apply(StatsPage.of(busy), form);
        fixture.time.advance(BackendRegistry.DEFAULT_DRAIN_DEADLINE);

        assertThat(closed).containsExactly("a:1");
        assertThat(StatsActions.told(form))
                .isEqualTo("drain (closing what is left at the deadline) of backend \"a:1\" in pool \"users\"");
        form.put("closeAtDeadline", "perhaps");
        assertThatThrownBy(() -> StatsActions.apply(StatsPage.of(busy), form))
                .hasMessage("closeAtDeadline must be true or false: \"perhaps\"");
    }

    @Test
    void form_isToldForTheLog() {
        assertThat(StatsActions.told(form("drain"))).isEqualTo("drain of backend \"a:1\" in pool \"users\"");
        assertThat(StatsActions.told(form("weight"))).isEqualTo("weight 7 of backend \"a:1\" in pool \"users\"");
    }

    @Test
    void backendThatIsDrained_hasAButtonToActivateIt() {
        StringBuilder active = new StringBuilder();
        StatsActions.append(active, "users", "a:1", pool.snapshot().backend("a:1"), "t");
        StatsActions.apply(page, form("drain"));
        StringBuilder drained = new StringBuilder();
        StatsActions.append(drained, "users", "a:1", pool.snapshot().backend("a:1"), "t");
        assertThat(active).contains(">drain</button>", ">maintenance</button>").doesNotContain(">activate</button>");
        assertThat(drained).contains(">activate</button>").doesNotContain(">drain</button>");
    }
}
