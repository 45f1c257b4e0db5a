package dev.evenkeel.lb.core.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.RequestContext;
import dev.evenkeel.lb.core.LoadBalancers;
import dev.evenkeel.lb.core.admin.StatsPage;
import java.io.File;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** An application that has no Micrometer. */
class WithoutMicrometerTest {

    @Test
    void pool_worksWithoutIt() throws Exception {
        List<URL> without = new ArrayList<>();
        String all = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        for (String entry : all.split(File.pathSeparator)) {
            if (!entry.contains("micrometer") && !entry.contains("prometheus")) {
                without.add(Path.of(entry).toUri().toURL());
            }
        }
        try (URLClassLoader loader =
                new URLClassLoader(without.toArray(URL[]::new), ClassLoader.getPlatformClassLoader())) {
            assertThatThrownBy(() -> loader.loadClass("io.micrometer.core.instrument.MeterRegistry"))
                    .isInstanceOf(ClassNotFoundException.class);

            Class<?> application = loader.loadClass(Application.class.getName());

            assertThat(application.getClassLoader()).isSameAs(loader);
            assertThat(application.getMethod("run").invoke(null)).isEqualTo("10.0.0.1:8080");
        }
    }

    /** Runs where there is nothing of this test's class path. */
    public static final class Application {
        private Application() {}

        public static String run() {
            try (LoadBalancer users = LoadBalancers.builder("users")
                    .backends("http://10.0.0.1:8080")
                    .build()) {
                Lease lease = (Lease) users.acquire(RequestContext.NONE);
                lease.complete(Outcome.SUCCESS);
                if (!StatsPage.of(users).json().contains("users")) {
                    throw new AssertionError();
                }
                return lease.backend().id();
            }
        }
    }
}
