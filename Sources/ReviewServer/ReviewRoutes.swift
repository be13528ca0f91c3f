/// Everything that the server does; what is not here is not there.
enum ReviewRoutes {
    static let all: [Route] =
        EntranceRoutes.all + WorkRoutes.all + ManagePages.all + AssetRoutes.all + SessionRoutes.all
        + JudgingRoutes.all + CorrectingRoutes.all + DecidingRoutes.all + ManagingRoutes.all + UserRoutes.all
}
