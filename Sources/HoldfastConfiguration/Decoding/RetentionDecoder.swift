/// Decodes what stands under `retention`.
struct RetentionDecoder {
    let findings: ConfigurationFindings

    /// The words of a switch.
    private enum Switch: String, CaseIterable {
        case on = "true"
        case off = "false"
    }

    /// Decodes the section; nothing where it is not given.
    func retention(_ root: SectionReader) -> RetentionConfiguration? {
        guard let entry = root.entry("retention"),
            let section = SectionReader(
                entry.value, path: "retention", keys: ConfigurationKeys.retention, findings: findings)
        else { return nil }
        if !section.has("policies") {
            section.reportMissing(
                "policies", advice: "expected a list such as [{ namespace: conversations, max_age: 90d }]")
        }
        return RetentionConfiguration(
            interval: section.duration("interval"), isDryRun: section.choice("dry_run", Switch.off) == .on,
            policies: section.entry("policies").map { policies($0.value) } ?? [])
    }

    private func policies(_ node: ConfigurationNode) -> [RetentionPolicyConfiguration] {
        guard case .sequence(let items) = node.content else {
            findings.add(
                "retention.policies is \(node.inMessage), expected a list such as "
                    + "[{ namespace: conversations, max_age: 90d }]", at: node.origin)
            return []
        }
        var policies: [RetentionPolicyConfiguration] = []
        for (index, item) in items.enumerated() {
            guard let policy = policy(item, path: "retention.policies.\(index)") else { continue }
            if policies.contains(where: { $0.namespace == policy.namespace && $0.prefix == policy.prefix }) {
                findings.add(
                    "namespace \"\(policy.namespace)\" and prefix \"\(policy.prefix)\" have a policy already, "
                        + "expected one for each", at: item.origin)
            }
            policies.append(policy)
        }
        return policies
    }

    private func policy(_ node: ConfigurationNode, path: String) -> RetentionPolicyConfiguration? {
        guard
            let section = SectionReader(
                node, path: path, keys: ConfigurationKeys.policy, findings: findings)
        else { return nil }
        if !section.has("namespace") {
            section.reportMissing("namespace", advice: "expected one such as \"namespace: conversations\"")
        }
        let isHold = section.choice("hold", Switch.off) == .on
        let limits = ["max_age", "max_messages", "keep_latest"].filter { section.entry($0) != nil }
        if isHold, let limit = limits.first {
            findings.add(
                "\(path) is a hold and has \(limit), expected one of the two", at: section.origin)
        } else if !isHold, !limits.contains("max_age"), !limits.contains("max_messages") {
            findings.add(
                "\(path) says nothing, expected max_age, max_messages or hold: true", at: section.origin)
        }
        let namespace = section.text("namespace") ?? ""
        if namespace.hasPrefix("~") || namespace.utf8.count > 255 {
            findings.add(
                "namespace \"\(namespace)\" is not one of lists, expected at most 255 bytes without ~ in front",
                at: section.given("namespace")?.value.origin ?? section.origin)
        }
        return RetentionPolicyConfiguration(
            namespace: namespace, prefix: section.text("prefix") ?? "",
            maxAge: limits.contains("max_age") ? section.duration("max_age") : nil,
            maxMessages: limits.contains("max_messages") ? section.integer("max_messages") : nil,
            keepLatest: limits.contains("keep_latest") ? section.integer("keep_latest") : nil,
            isHold: isHold)
    }
}
