package dev.evenkeel.lb.core.internal.backend;

import static com.tngtech.archunit.core.domain.JavaFieldAccess.AccessType.SET;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaConstructor;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * One class writes each field of a backend's state: the one that the table in docs/architecture.md names.
 *
 * <p>A class writes a field if it sets it, or calls a method of the state that does, directly or through others. A constructor
 * writes nothing.
 */
class StateOwnersTest {
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .importUrl(BackendState.class.getProtectionDomain().getCodeSource().getLocation());
    private static final Path PAGE = Path.of("../lb-okhttp/docs/architecture.md");
    private static final Pattern ROW = Pattern.compile("\\| `(\\w+)` \\| (`[\\w`, ]+`) \\| `(\\w+)` \\|.*");

    @Test
    void eachFieldOfABackendsState_isWrittenByTheClassThatThePageNames() throws IOException {
        assertThat(writers())
                .as("the writers of each field, as \"Who owns which state\" of %s has them", PAGE)
                .containsExactlyInAnyOrderEntriesOf(owners());
    }

    /** By field, such as {@code BackendState.removed}, the owner that the page names. */
    private static Map<String, Set<String>> owners() throws IOException {
        Map<String, Set<String>> owners = new TreeMap<>();
        for (String line : Files.readAllLines(PAGE)) {
            Matcher row = ROW.matcher(line);
            if (row.matches()) {
                for (String field : row.group(2).replace("`", "").split(", ")) {
                    owners.put(row.group(1) + "." + field, Set.of(row.group(3)));
                }
            }
        }
        return owners;
    }

    /** By field, the classes that write it. */
    private static Map<String, Set<String>> writers() {
        Map<String, Set<String>> writers = new TreeMap<>();
        for (JavaClass state : CLASSES) {
            if (isState(state)) {
                for (JavaField field : state.getFields()) {
                    if (isOwned(field)) {
                        writers.put(state.getSimpleName() + "." + field.getName(), writers(field));
                    }
                }
            }
        }
        return writers;
    }

    /** A field that points to a part of the state is set when the part is first written. */
    private static boolean isOwned(JavaField field) {
        return !field.getModifiers().contains(JavaModifier.STATIC)
                && !field.getModifiers().contains(JavaModifier.FINAL)
                && !isState(field.getRawType());
    }

    private static boolean isState(JavaClass type) {
        return type.getPackageName().equals(BackendState.class.getPackageName())
                && (type.getSimpleName().matches(".*State|BackendParts|OutcomeCounts"));
    }

    private static Set<String> writers(JavaField field) {
        Set<String> writers = new TreeSet<>();
        Set<JavaCodeUnit> seen = new HashSet<>();
        Deque<JavaCodeUnit> open = new ArrayDeque<>();
        field.getAccessesToSelf().stream()
                .filter(access -> access.getAccessType() == SET)
                .map(JavaAccess::getOrigin)
                .forEach(open::add);
        handle(field)
                .ifPresent(handle -> handle.getAccessesToSelf().stream()
                        .map(JavaAccess::getOrigin)
                        .filter(StateOwnersTest::changesThroughHandle)
                        .forEach(open::add));
        while (!open.isEmpty()) {
            JavaCodeUnit unit = open.pop();
            if (unit instanceof JavaConstructor || unit.getName().equals("<clinit>") || !seen.add(unit)) {
                continue;
            }
            if (isState(unit.getOwner())) {
                unit.getAccessesToSelf().stream().map(JavaAccess::getOrigin).forEach(open::add);
            } else {
                writers.add(topLevel(unit.getOwner()).getSimpleName());
            }
        }
        return writers;
    }

    /** The handle of {@code someField} is {@code SOME_FIELD}. */
    private static Optional<JavaField> handle(JavaField field) {
        String name = field.getName().replaceAll("([A-Z])", "_$1").toUpperCase(Locale.ROOT);
        return field.getOwner().tryGetField(name);
    }

    private static boolean changesThroughHandle(JavaCodeUnit unit) {
        return unit.getMethodCallsFromSelf().stream()
                .anyMatch(call -> call.getTargetOwner().getPackageName().startsWith("java.")
                        && call.getName().matches("(weak)?compareAndSet.*|getAnd.*|set.*"));
    }

    private static JavaClass topLevel(JavaClass type) {
        JavaClass outer = type;
        while (outer.getEnclosingClass().isPresent()) {
            outer = outer.getEnclosingClass().get();
        }
        return outer;
    }
}
