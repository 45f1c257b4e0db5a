package dev.evenkeel.lb.okhttp;

import static com.tngtech.archunit.base.DescribedPredicate.anyElementThat;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noMethods;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import org.junit.jupiter.api.Test;

/** The arrows of the design as this module sees them: okhttp knows core and api, and nobody knows okhttp. */
class ArchitectureTest {
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("dev.evenkeel.lb");

    @Test
    void everyModule_isSeen() {
        assertThat(CLASSES)
                .extracting(type -> type.getPackageName())
                .contains("dev.evenkeel.lb", "dev.evenkeel.lb.core", "dev.evenkeel.lb.okhttp");
    }

    @Test
    void okhttpInternals_areNotUsed() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("okhttp3.internal..", "okio.internal..", "kotlin..internal..")
                .check(CLASSES);
    }

    @Test
    void okhttp_dependsOnOkHttpTheLowerModulesAndTheJdkAlone() {
        classes()
                .that()
                .resideInAPackage("dev.evenkeel.lb.okhttp..")
                .and()
                .resideOutsideOfPackages(
                        "dev.evenkeel.lb.okhttp.discovery..",
                        "dev.evenkeel.lb.okhttp.internal.discovery..",
                        "dev.evenkeel.lb.okhttp.metrics")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "dev.evenkeel.lb..", "okhttp3..", "okio..", "kotlin..", "java..", "javax..", "org.jspecify..")
                .check(CLASSES);
    }

    @Test
    void registries_readJsonBesides_andShowNoneOfJackson() {
        classes()
                .that()
                .resideInAnyPackage("dev.evenkeel.lb.okhttp.discovery..", "dev.evenkeel.lb.okhttp.internal.discovery..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "dev.evenkeel.lb",
                        "dev.evenkeel.lb.spi",
                        "dev.evenkeel.lb.core.internal.concurrent",
                        "dev.evenkeel.lb.core.internal.log",
                        "dev.evenkeel.lb.core.internal.time",
                        "dev.evenkeel.lb.okhttp.discovery..",
                        "dev.evenkeel.lb.okhttp.internal.discovery..",
                        "com.fasterxml.jackson..",
                        "okhttp3..",
                        "okio..",
                        "kotlin..",
                        "java..",
                        "javax..",
                        "org.jspecify..")
                .check(CLASSES);
        noMethods()
                .that()
                .arePublic()
                .and()
                .areDeclaredInClassesThat()
                .resideInAPackage("dev.evenkeel.lb.okhttp.discovery..")
                .and()
                .areDeclaredInClassesThat()
                .arePublic()
                .should()
                .haveRawReturnType(resideInAPackage("com.fasterxml.jackson.."))
                .orShould()
                .haveRawParameterTypes(anyElementThat(resideInAPackage("com.fasterxml.jackson..")))
                .check(CLASSES);
    }

    @Test
    void api_andCore_knowNothingAboveThem() {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.evenkeel.lb.okhttp..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("dev.evenkeel.lb.okhttp..", "okhttp3..", "okio..")
                .check(CLASSES);
        noClasses()
                .that()
                .resideInAnyPackage("dev.evenkeel.lb", "dev.evenkeel.lb.spi")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("dev.evenkeel.lb.core..")
                .check(CLASSES);
    }

    @Test
    void packages_haveNoCycle() {
        SlicesRuleDefinition.slices()
                .matching("dev.evenkeel.lb.(**)")
                .should()
                .beFreeOfCycles()
                .check(CLASSES.that(resideInAPackage("dev.evenkeel.lb.okhttp..")));
    }

    @Test
    void slices_doNotKnowEachOther() {
        SlicesRuleDefinition.slices()
                .matching("dev.evenkeel.lb.okhttp.(route|health|discovery)..")
                .should()
                .notDependOnEachOther()
                .check(CLASSES);
    }

    @Test
    void documents_knowEverySlice_andNobodyButTheFrontDoorKnowsThem() {
        noClasses()
                .that()
                .resideInAnyPackage("dev.evenkeel.lb.okhttp.*..")
                .and()
                .resideOutsideOfPackages("dev.evenkeel.lb.okhttp.internal.document", "dev.evenkeel.lb.okhttp.config")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("dev.evenkeel.lb.okhttp.internal.document")
                .check(CLASSES);
    }
}
