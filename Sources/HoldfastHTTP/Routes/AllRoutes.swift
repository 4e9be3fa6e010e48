/// Every family of routes: one line for each.
enum AllRoutes {
    static let families: [any RouteFamily.Type] = [
        DocumentRoutes.self,
        ListRoutes.self,
        BatchRoutes.self,
        QueryRoutes.self,
        NamespaceRoutes.self,
        LockRoutes.self,
        SessionRoutes.self,
        ChatRoutes.self,
        AgentRoutes.self,
        ErasureRoutes.self,
        FollowRoutes.self,
        OpenAIConversationsRoutes.self,
        RunsRoutes.self,
        RunSessionRoutes.self,
        ThreadsRoutes.self,
        HeartbeatRoutes.self,
        PrimitivesRoutes.self,
        UsageRoutes.self,
        OperationsRoutes.self,
        BackendRoutes.self,
        SearchRoutes.self,
        RetentionRoutes.self,
        BlobRoutes.self,
        DescriptionRoutes.self,
    ]

    /// Every route, in the order of the reference.
    static let routes: [Route] = families.flatMap { $0.routes }
}
