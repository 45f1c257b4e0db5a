package dev.evenkeel.lb.core;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import org.junit.jupiter.api.Test;

/** The arrows of the design: core knows api, slices of core do not know each other, api knows nobody. */
class ArchitectureTest {
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("dev.evenkeel.lb");

    @Test
    void api_dependsOnNothingButJSpecify() {
        classes()
                .that()
                .resideInAnyPackage("dev.evenkeel.lb", "dev.evenkeel.lb.internal", "dev.evenkeel.lb.spi")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "java..",
                        "org.jspecify..",
                        "dev.evenkeel.lb",
                        "dev.evenkeel.lb.internal",
                        "dev.evenkeel.lb.spi")
                .check(CLASSES);
    }

    @Test
    void core_knowsNoHttpClient() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("okhttp3..", "dev.evenkeel.lb.okhttp..")
                .check(CLASSES);
    }

    @Test
    void slices_doNotKnowEachOther() {
        SlicesRuleDefinition.slices()
                .matching(
                        "dev.evenkeel.lb.core.(strategy|health|topology|discovery|config|socket|load|retry|session|limit|admin|metrics)..")
                .should()
                .notDependOnEachOther()
                .check(CLASSES);
    }

    @Test
    void slices_doNotKnowTheirWiring() {
        noClasses()
                .that()
                .resideInAPackage("dev.evenkeel.lb.core.*..")
                .and()
                .resideOutsideOfPackages(
                        "dev.evenkeel.lb.core",
                        "dev.evenkeel.lb.core.config",
                        "dev.evenkeel.lb.core.document",
                        "dev.evenkeel.lb.core.internal.document",
                        "dev.evenkeel.lb.core.socket")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("dev.evenkeel.lb.core")
                .check(CLASSES);
    }

    @Test
    void micrometer_isKnownToTheMetersAlone_andNobodyKnowsThem() {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.evenkeel.lb.core.metrics")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.micrometer..", "dev.evenkeel.lb.core.metrics")
                .check(CLASSES);
    }

    @Test
    void resilience4jCaffeineAndJackson_areImplementation() {
        noClasses()
                .that()
                .resideInAnyPackage("dev.evenkeel.lb", "dev.evenkeel.lb.internal", "dev.evenkeel.lb.spi")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.github.resilience4j..", "com.github.benmanes..", "com.fasterxml..")
                .check(CLASSES);
    }
}
