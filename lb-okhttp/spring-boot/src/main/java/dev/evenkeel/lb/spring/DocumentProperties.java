package dev.evenkeel.lb.spring;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName.Form;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.context.properties.source.IterableConfigurationPropertySource;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.StandardEnvironment;

/**
 * The document as properties below {@code evenkeel}. A name may be written as Spring Boot allows it, and becomes the field
 * that the schema has; a list comes as a whole from the first source that has it, as all lists do in Spring Boot.
 */
final class DocumentProperties {
    private static final ConfigurationPropertyName PREFIX = ConfigurationPropertyName.of("evenkeel");
    /** Fields of the starter, and none of the document. */
    private static final Set<String> OWN = Set.of("config", "enabled", "restclients");

    /** Sources that have properties for many programs; of these a name that no document has is passed over. */
    private static final Set<String> PROCESS = Set.of(
            StandardEnvironment.SYSTEM_PROPERTIES_PROPERTY_SOURCE_NAME,
            StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME);

    /** A placeholder that the document reader replaces itself, and whose value it does not quote. */
    private static final Pattern OF_DOCUMENT = Pattern.compile("\\$\\{[A-Za-z_][A-Za-z0-9_]*(:[^}$]*)?}");

    private final ConfigurableEnvironment environment;
    private final DocumentShape shape = DocumentShape.root();

    private DocumentProperties(ConfigurableEnvironment environment) {
        this.environment = environment;
    }

    /** Whether the environment has any part of a document. */
    static boolean isIn(ConfigurableEnvironment environment) {
        return !new DocumentProperties(environment).document().isEmpty();
    }

    /** Whether the environment has the part that no document may be without. */
    static boolean hasPools(ConfigurableEnvironment environment) {
        return new DocumentProperties(environment).document().containsKey("pools");
    }

    /** The document as JSON. */
    static String json(ConfigurableEnvironment environment) {
        try {
            return JsonMapper.builder().build().writeValueAsString(new DocumentProperties(environment).document());
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Map<String, Object> document() {
        Branch merged = new Branch(shape);
        for (ConfigurationPropertySource source : ConfigurationPropertySources.get(environment)) {
            if (source instanceof IterableConfigurationPropertySource names) {
                merged.addMissing(tree(names));
            }
        }
        return merged.fields();
    }

    private Branch tree(IterableConfigurationPropertySource source) {
        Branch root = new Branch(shape);
        for (ConfigurationPropertyName name : source) {
            ConfigurationProperty property = isWanted(name, source) ? source.getConfigurationProperty(name) : null;
            if (property != null) {
                add(root, name, property.getValue());
            }
        }
        return root;
    }

    private boolean isWanted(ConfigurationPropertyName name, ConfigurationPropertySource source) {
        if (!PREFIX.isAncestorOf(name) || OWN.contains(name.getElement(1, Form.UNIFORM))) {
            return false;
        }
        // Such as EVENKEEL_SERVICE_HOST, which Kubernetes sets for a service of this name.
        return !isOfTheProcess(source) || shape.has(name.getElement(1, Form.UNIFORM));
    }

    private static boolean isOfTheProcess(ConfigurationPropertySource source) {
        return source.getUnderlyingSource() instanceof PropertySource<?> underlying
                && PROCESS.contains(underlying.getName());
    }

    private void add(Branch root, ConfigurationPropertyName name, Object value) {
        Branch branch = root;
        int last = name.getNumberOfElements() - 1;
        for (int i = 1; i < last; i++) {
            branch = branch.child(key(branch, name, i));
            if (branch == Branch.NONE) {
                return;
            }
        }
        String key = key(branch, name, last);
        if (!isEmptyCollection(value)) {
            branch.set(key, branch.shape.child(key).value(resolved(value)));
        }
    }

    /** YAML's {@code {}} and {@code []} come as an empty text; a text may be empty as well, which no field may be. */
    private static boolean isEmptyCollection(Object value) {
        return value.equals("");
    }

    private static String key(Branch branch, ConfigurationPropertyName name, int index) {
        return name.isNumericIndex(index)
                ? name.getElement(index, Form.ORIGINAL)
                : branch.shape.field(name.getElement(index, Form.ORIGINAL), name.getElement(index, Form.UNIFORM));
    }

    private Object resolved(Object value) {
        String text = value instanceof CharSequence chars ? chars.toString() : null;
        if (text == null) {
            return value;
        }
        Matcher rest = OF_DOCUMENT.matcher(text);
        return rest.replaceAll("").contains("${") ? environment.resolvePlaceholders(text) : text;
    }

    /** An object or a list in the making. */
    private static final class Branch {
        static final Branch NONE = new Branch(DocumentShape.ANY);

        final DocumentShape shape;
        private final Map<String, Object> children = new LinkedHashMap<>();

        Branch(DocumentShape shape) {
            this.shape = shape;
        }

        /** The branch under a key; none if the key has a value already. */
        Branch child(String key) {
            Object child = children.computeIfAbsent(key, added -> new Branch(shape.child(added)));
            return child instanceof Branch branch ? branch : NONE;
        }

        void set(String key, Object value) {
            children.putIfAbsent(key, value);
        }

        /** Adds what a source of lower precedence has, and this one has not. */
        void addMissing(Branch lower) {
            lower.children.forEach((key, value) -> {
                Object known = children.putIfAbsent(key, value);
                if (known instanceof Branch mine && value instanceof Branch theirs && !mine.isList()) {
                    mine.addMissing(theirs);
                }
            });
        }

        private boolean isList() {
            return !children.isEmpty()
                    && children.keySet().stream().allMatch(key -> key.matches("\\d{1,6}"))
                    && shape.isList();
        }

        private Object value() {
            if (!isList()) {
                return fields();
            }
            Map<Integer, Object> elements = new TreeMap<>();
            children.forEach((key, value) -> elements.put(Integer.valueOf(key), plain(value)));
            return List.copyOf(new ArrayList<>(elements.values()));
        }

        Map<String, Object> fields() {
            Map<String, Object> fields = new LinkedHashMap<>();
            children.forEach((key, value) -> fields.put(key, plain(value)));
            return fields;
        }

        private static Object plain(Object value) {
            return value instanceof Branch branch ? branch.value() : value;
        }
    }
}
