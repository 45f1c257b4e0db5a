package dev.evenkeel.lb.core.internal.document.schema;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Forms that occur twice, or contain themselves, are described once. */
class DefinitionsTest {
    private static final class Node {}

    private static Type<Node> node() {
        return ObjectSchema.of("node", "A node.", Node::new)
                .optional(
                        "child", Types.lazy(DefinitionsTest::node), Default.text("none"), "below", (node, child) -> {})
                .optional("size", Types.integer(1, 3), 2, "its size", (node, size) -> {})
                .form()
                .as(node -> node);
    }

    @Test
    void formWithinItself_isAReference() {
        ObjectSchema<Node> root = ObjectSchema.of("root", "The `root`.", Node::new)
                .required("top", node(), "the top", (node, child) -> {})
                .form();
        Map<String, Object> schema = Definitions.schemaOf("Trees", root);
        assertThat(schema).containsEntry("title", "Trees").containsEntry("description", "The root.");
        assertThat(schema.get("required")).isEqualTo(List.of("top"));
        assertThat(schema.get("additionalProperties")).isEqualTo(false);
        assertThat(String.valueOf(schema.get("properties"))).contains("$ref=#/$defs/node");
        assertThat(((Map<?, ?>) schema.get("$defs")).keySet()).isEqualTo(Set.of("node", "placeholder"));
        assertThat(String.valueOf(schema.get("$defs"))).contains("$ref=#/$defs/node", "default=2");
    }
}
