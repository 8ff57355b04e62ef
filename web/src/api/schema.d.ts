// Made by `npm run gen` from server/openapi.json. Do not edit.
export interface paths {
    "/api/v1/audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists the installation's audit log. */
        get: operations["list_installation_audit"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/audit/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Exports the installation's audit log. */
        get: operations["export_installation_audit_export"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/audit/verdict": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Says whether the installation's audit log is whole. */
        get: operations["verify_installation_audit_verdict"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/installation": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Says what the server is, and where it is reached. */
        get: operations["get_installation"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/login-requests": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Asks to be let in, by somebody who confirms it in a browser within ten minutes. */
        post: operations["begin_login_requests"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/login-requests/redeem": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Says whether the program was let in, and gives it its token then, once. `404`: it was refused, or came too late. */
        post: operations["redeem_login_requests_redeem"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/me": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Says who one is. */
        get: operations["get_me"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Changes what one is called. */
        patch: operations["change_me"];
        trace?: never;
    };
    "/api/v1/me/login-requests/answer": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Lets a program act for oneself, or refuses it. Letting it in asks for the second factor again. */
        post: operations["answer_me_login_requests_answer"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/me/login-requests/look": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Shows which program it is that a code is of. */
        post: operations["look_me_login_requests_look"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/me/password": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Chooses another password. All other sessions end. */
        put: operations["change_password_me_password"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/me/recovery-codes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Makes other recovery codes: those there were work no more. */
        post: operations["new_recovery_codes_me_recovery_codes"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/me/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists one's own sessions. */
        get: operations["list_mine_me_sessions"];
        put?: never;
        post?: never;
        /** Ends one's other sessions: signs out everywhere else. */
        delete: operations["end_others_me_sessions"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/me/sessions/{session}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Ends one of one's sessions. */
        delete: operations["end_mine_me_sessions"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/me/tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists one's own API tokens. */
        get: operations["list_mine_me_tokens"];
        put?: never;
        /** Makes an API token. One that deletes, exports or acts unattended asks for the second factor. */
        post: operations["create_me_tokens"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/me/tokens/{token}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Ends one of one's API tokens at once. */
        delete: operations["revoke_mine_me_tokens"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/me/totp": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Begins to use a second factor. */
        post: operations["begin_totp_me_totp"];
        /** Asks for no second factor any more. */
        delete: operations["remove_totp_me_totp"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/me/totp/confirm": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Confirms the second factor with a code: it is asked for from now on. */
        post: operations["confirm_totp_me_totp_confirm"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/orgs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists organizations: all for root, one's own for everybody else. */
        get: operations["list_orgs"];
        put?: never;
        /** Makes an organization. */
        post: operations["create_orgs"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/orgs/{org}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows an organization. */
        get: operations["get_orgs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Changes an organization. */
        patch: operations["change_orgs"];
        trace?: never;
    };
    "/api/v1/orgs/{org}/agents": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists agents, those that were revoked or have left too. */
        get: operations["list_orgs_agents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/orgs/{org}/agents/{agent}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows an agent. */
        get: operations["get_orgs_agents"];
        put?: never;
        post?: never;
        /** Unenrols an agent: its certificates are good for nothing from now on. Its snapshots stay. Asks for the second factor. */
        delete: operations["unenrol_orgs_agents"];
        options?: never;
        head?: never;
        /** Renames an agent. */
        patch: operations["change_orgs_agents"];
        trace?: never;
    };
    "/api/v1/orgs/{org}/agents/{agent}/certificates": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists an agent's certificates. */
        get: operations["certificates_orgs_agents_certificates"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/orgs/{org}/agents/{agent}/revoke": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Revokes an agent at once: for a machine that was stolen. Asks for the second factor. */
        post: operations["revoke_orgs_agents_revoke"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/orgs/{org}/audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists an organization's audit log. */
        get: operations["list_orgs_audit"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/orgs/{org}/audit/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Exports an organization's audit log. */
        get: operations["export_orgs_audit_export"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/orgs/{org}/audit/verdict": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Says whether an organization's audit log is whole. */
        get: operations["verify_orgs_audit_verdict"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/orgs/{org}/enrolment-tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists enrolment tokens, used and expired ones too. */
        get: operations["list_orgs_enrolment_tokens"];
        put?: never;
        /** Makes an enrolment token. It is shown this once. */
        post: operations["create_orgs_enrolment_tokens"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/orgs/{org}/enrolment-tokens/{token}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows an enrolment token, without what it opens. */
        get: operations["get_orgs_enrolment_tokens"];
        put?: never;
        post?: never;
        /** Withdraws an enrolment token. The agent that it made stays. */
        delete: operations["revoke_orgs_enrolment_tokens"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/orgs/{org}/escrow": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Takes out what opens an organization's repositories, encrypted to an age recipient. */
        post: operations["escrow_org_orgs_escrow"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/orgs/{org}/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What happens in an organization, as server-sent events: `event` is the kind, `data` an object. */
        get: operations["org_events_orgs_events"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/orgs/{org}/events/socket": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What happens in an organization, through a WebSocket: one text message an event. */
        get: operations["org_socket_orgs_events_socket"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/orgs/{org}/grants": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists grants: everybody's for who runs the organization, one's own for everybody else. */
        get: operations["list_orgs_grants"];
        put?: never;
        /** Makes a grant. */
        post: operations["create_orgs_grants"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/orgs/{org}/grants/{grant}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows a grant. */
        get: operations["get_orgs_grants"];
        put?: never;
        post?: never;
        /** Removes a grant. */
        delete: operations["delete_orgs_grants"];
        options?: never;
        head?: never;
        /** Changes what a grant is for. */
        patch: operations["change_orgs_grants"];
        trace?: never;
    };
    "/api/v1/orgs/{org}/holds": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists holds. */
        get: operations["list_orgs_holds"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/orgs/{org}/job-days": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Counts the jobs that ended on each day, of at most 366. */
        get: operations["job_days_orgs_job_days"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/orgs/{org}/jobs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists jobs, the newest first. Who sees only their own sees those that they made. */
        get: operations["list_orgs_jobs"];
        put?: never;
        /**
         * Makes a job: a catalog refresh, a forget, a prune, a verify, a copy, a mirror or a legal hold. Backups are made by running a
         *     plan. What removes something (a forget, a prune, a mirror that deletes) or may lift a legal hold asks for the second factor.
         */
        post: operations["create_orgs_jobs"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/orgs/{org}/jobs/{job}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows a job. */
        get: operations["get_orgs_jobs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/orgs/{org}/jobs/{job}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Gives a job up: at once when nobody has taken it (200), otherwise as soon as whoever has it was told (202). */
        post: operations["cancel_orgs_jobs_cancel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/orgs/{org}/jobs/{job}/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What happens to a job, as server-sent events. */
        get: operations["job_events_orgs_jobs_events"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/orgs/{org}/jobs/{job}/events/socket": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What happens to a job, through a WebSocket. */
        get: operations["job_socket_orgs_jobs_events_socket"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/orgs/{org}/jobs/{job}/log": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows a job's log, a page at a time, from its first line on. */
        get: operations["log_orgs_jobs_log"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/orgs/{org}/jobs/{job}/pause": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Lets a restore wait: whoever does it keeps it, and writes nothing until it may go on. */
        post: operations["pause_orgs_jobs_pause"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/orgs/{org}/jobs/{job}/resume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Lets a restore go on that was made to wait. */
        post: operations["resume_orgs_jobs_resume"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/orgs/{org}/jobs/{job}/retry": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Does a job again that has failed or was given up: a new one of the same content. */
        post: operations["retry_orgs_jobs_retry"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/orgs/{org}/mirrors": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Says which repositories of an organization are mirrored where. */
        get: operations["mirrors_orgs_mirrors"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/orgs/{org}/plan-events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Tells of something that happened elsewhere: every plan that names it runs. */
        post: operations["event_orgs_plan_events"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/orgs/{org}/plans": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists plans. */
        get: operations["list_orgs_plans"];
        put?: never;
        /** Makes a plan. */
        post: operations["create_orgs_plans"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/orgs/{org}/plans/preview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** The next runs that a plan would have, before it is kept. Nothing is changed. */
        post: operations["preview_orgs_plans_preview"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/orgs/{org}/plans/{plan}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows a plan. */
        get: operations["get_orgs_plans"];
        /** Gives a plan another content: a new version. Jobs that were made keep what they were made of. */
        put: operations["change_orgs_plans"];
        post?: never;
        /** Deletes a plan: it makes no more runs. Its snapshots, jobs and versions stay. Asks for the second factor. */
        delete: operations["delete_orgs_plans"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/orgs/{org}/plans/{plan}/history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists the runs that a plan had, the newest first. */
        get: operations["history_orgs_plans_history"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/orgs/{org}/plans/{plan}/rollback": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Gives a plan the content of an earlier version, as a new version. */
        post: operations["rollback_orgs_plans_rollback"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/orgs/{org}/plans/{plan}/run": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Runs a plan now, whether it runs by itself or not. */
        post: operations["run_orgs_plans_run"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/orgs/{org}/plans/{plan}/runs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The next runs of a plan by its schedules, as data. */
        get: operations["next_runs_orgs_plans_runs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/orgs/{org}/plans/{plan}/versions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists what a plan was, from the first version on, with who gave it and when. */
        get: operations["versions_orgs_plans_versions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/orgs/{org}/protection": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Says how well each source of an organization is protected, and when its repositories were last verified. */
        get: operations["protection_orgs_protection"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/orgs/{org}/providers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists the providers of an organization. */
        get: operations["list_orgs_providers"];
        put?: never;
        /** Makes a provider of an organization. Asks for the second factor. */
        post: operations["create_orgs_providers"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/orgs/{org}/providers/{provider}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows a provider of an organization. */
        get: operations["get_orgs_providers"];
        /** Puts other settings in the place of a provider's. Asks for the second factor. */
        put: operations["change_orgs_providers"];
        post?: never;
        /** Removes a provider of an organization: the sessions it vouches for end. Asks for the second factor. */
        delete: operations["delete_orgs_providers"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/orgs/{org}/repositories": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists repositories. */
        get: operations["list_orgs_repositories"];
        put?: never;
        /** Makes or adopts a repository. */
        post: operations["create_orgs_repositories"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/orgs/{org}/repositories/try": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Looks at a place before a repository is kept: what is wrong is the answer, not an error. */
        post: operations["try_place_orgs_repositories_try"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/orgs/{org}/repositories/{repository}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows a repository. */
        get: operations["get_orgs_repositories"];
        put?: never;
        post?: never;
        /** Forgets a repository. What lies in its storage stays there. */
        delete: operations["delete_orgs_repositories"];
        options?: never;
        head?: never;
        /** Changes a repository. */
        patch: operations["change_orgs_repositories"];
        trace?: never;
    };
    "/api/v1/orgs/{org}/repositories/{repository}/gateway-credentials": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists the gateway credentials of a repository. */
        get: operations["list_orgs_repositories_gateway_credentials"];
        put?: never;
        /** Makes a gateway credential. Its password is in this answer and nowhere else. */
        post: operations["create_orgs_repositories_gateway_credentials"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/orgs/{org}/repositories/{repository}/gateway-credentials/{credential}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Ends a gateway credential at once. */
        delete: operations["delete_orgs_repositories_gateway_credentials"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/orgs/{org}/repositories/{repository}/keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists the keys of a repository. To tell which one the server uses, its password is tried: that takes a moment. */
        get: operations["list_orgs_repositories_keys"];
        put?: never;
        /** Adds a key. Whoever knows its password opens the repository with or without this server. */
        post: operations["create_orgs_repositories_keys"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/orgs/{org}/repositories/{repository}/keys/{key}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Removes a key: its password opens the repository no more. Who has used it may know the master key, though. */
        delete: operations["delete_orgs_repositories_keys"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/orgs/{org}/repositories/{repository}/refresh": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Makes the catalog what the repository says, at once. */
        post: operations["refresh_orgs_repositories_refresh"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/orgs/{org}/repositories/{repository}/retention-preview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Says which snapshots of a repository rules would keep, and why. Nothing is changed. */
        post: operations["preview_orgs_repositories_retention_preview"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/orgs/{org}/repositories/{repository}/snapshots/{snapshot}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows a snapshot. */
        get: operations["get_orgs_repositories_snapshots"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/orgs/{org}/repositories/{repository}/snapshots/{snapshot}/holds": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Holds a snapshot: no rule and no person forgets it until the hold is released. Where the storage locks files, a job has it keep
         *     all that the snapshot needs.
         */
        post: operations["add_orgs_repositories_snapshots_holds"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/orgs/{org}/repositories/{repository}/snapshots/{snapshot}/holds/{case}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Releases the holds of a case. Where the storage locks files, a job lets go of what nothing else that is held needs. */
        delete: operations["release_orgs_repositories_snapshots_holds"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/orgs/{org}/repositories/{repository}/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Looks whether a repository can be reached, opened and written to: what is wrong is the answer, not an error. */
        post: operations["test_orgs_repositories_test"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/orgs/{org}/repositories/{repository}/usage": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows what a repository held, the newest day first. */
        get: operations["usage_orgs_repositories_usage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/orgs/{org}/repositories/{repository}/worm": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Looks at every file of a repository: what its storage keeps from being removed, and until when. One request each. */
        get: operations["worm_orgs_repositories_worm"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/orgs/{org}/snapshots": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists snapshots, the newest first. */
        get: operations["list_orgs_snapshots"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/orgs/{org}/sources": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists sources: one's own for those who see no others. */
        get: operations["list_orgs_sources"];
        put?: never;
        /** Makes a source. */
        post: operations["create_orgs_sources"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/orgs/{org}/sources/{source}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows a source. */
        get: operations["get_orgs_sources"];
        /** Changes a source: all of it but its machine. */
        put: operations["change_orgs_sources"];
        post?: never;
        /** Removes a source that no plan names. Its snapshots stay. */
        delete: operations["delete_orgs_sources"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/orgs/{org}/storage-credentials": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists storage credentials. */
        get: operations["list_orgs_storage_credentials"];
        put?: never;
        /** Keeps a storage credential, sealed. */
        post: operations["create_orgs_storage_credentials"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/orgs/{org}/storage-credentials/{credential}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows a storage credential, but for its secret. */
        get: operations["get_orgs_storage_credentials"];
        /** Puts another secret in the place of a storage credential's. */
        put: operations["replace_orgs_storage_credentials"];
        post?: never;
        /** Forgets a storage credential that no repository needs. */
        delete: operations["delete_orgs_storage_credentials"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/orgs/{org}/tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists the API tokens of an organization: everybody's for who runs it, one's own for everybody else. */
        get: operations["list_orgs_tokens"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/orgs/{org}/tokens/{token}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Ends an API token of somebody in an organization at once. */
        delete: operations["revoke_orgs_tokens"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/orgs/{org}/users": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists the people of an organization: all for who runs it, oneself for everybody else. */
        get: operations["list_orgs_users"];
        put?: never;
        /** Makes a person of an organization. */
        post: operations["create_orgs_users"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/orgs/{org}/users/{user}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows a person of an organization. */
        get: operations["get_orgs_users"];
        put?: never;
        post?: never;
        /** Removes a person of an organization, with their sessions, tokens and grants. Asks for the second factor. */
        delete: operations["delete_orgs_users"];
        options?: never;
        head?: never;
        /** Changes a person of an organization. */
        patch: operations["change_orgs_users"];
        trace?: never;
    };
    "/api/v1/orgs/{org}/users/{user}/password-link": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Makes a link with which a person of an organization chooses a password. It works once. Asks for the second factor. */
        post: operations["password_link_orgs_users_password_link"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/orgs/{org}/users/{user}/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists the sessions of a person of an organization. */
        get: operations["list_orgs_users_sessions"];
        put?: never;
        post?: never;
        /** Signs a person of an organization out everywhere. */
        delete: operations["end_all_orgs_users_sessions"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/orgs/{org}/users/{user}/sessions/{session}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Ends a session of a person of an organization. */
        delete: operations["end_orgs_users_sessions"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/orgs/{org}/users/{user}/totp": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Takes the second factor from a person of an organization, if its device is lost. Asks for one's own. */
        delete: operations["remove_totp_orgs_users_totp"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/password-reset": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Chooses a password by a link from who runs the organization. The link works once; all sessions end. */
        post: operations["choose_password_password_reset"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/providers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists the providers of the installation. */
        get: operations["list_everywhere_providers"];
        put?: never;
        /** Makes a provider of the installation. Asks for the second factor. */
        post: operations["create_everywhere_providers"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/providers/{provider}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows a provider of the installation. */
        get: operations["get_everywhere_providers"];
        /** Puts other settings in the place of a provider's. Asks for the second factor. */
        put: operations["change_everywhere_providers"];
        post?: never;
        /** Removes a provider of the installation: the sessions it vouches for end. Asks for the second factor. */
        delete: operations["delete_everywhere_providers"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/secrets/escrow": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Takes out what opens every repository, encrypted to an age recipient. */
        post: operations["escrow_all_secrets_escrow"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/secrets/rotate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Seals every secret anew under a new installation key. */
        post: operations["rotate_key_secrets_rotate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/set-up": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Sets the installation up: the link works once. */
        post: operations["first_set_up"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/sign-in": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Signs in with a password. The session is a cookie. */
        post: operations["by_password_sign_in"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/sign-in/oidc/{provider}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Goes to a provider to sign in there. */
        get: operations["leave_sign_in_oidc"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/sign-in/oidc/{provider}/back-channel-logout": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Takes a provider's message that somebody signed out there (OpenID Connect Back-Channel Logout 1.0). */
        post: operations["signed_out_sign_in_oidc_back_channel_logout"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/sign-in/oidc/{provider}/callback": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Comes back from a provider. */
        get: operations["arrive_sign_in_oidc_callback"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/sign-in/providers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists the providers that one may sign in with. */
        get: operations["providers_sign_in_providers"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/sign-out": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Signs out: the session ends at once. */
        post: operations["out_sign_out"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/step-up": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Shows the second factor again, as deleting and taking keys out ask for. It holds for ten minutes. */
        post: operations["step_step_up"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/users": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists who runs the installation. */
        get: operations["list_roots_users"];
        put?: never;
        /** Makes a person who runs the installation. */
        post: operations["create_root_users"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/users/{user}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows a person who runs the installation. */
        get: operations["get_root_users"];
        put?: never;
        post?: never;
        /** Removes a person who runs the installation, with their sessions, tokens and grants. Asks for the second factor. */
        delete: operations["delete_root_users"];
        options?: never;
        head?: never;
        /** Changes a person who runs the installation. */
        patch: operations["change_root_users"];
        trace?: never;
    };
    "/api/v1/users/{user}/password-link": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Makes a link with which a person who runs the installation chooses a password. It works once. Asks for the second factor. */
        post: operations["password_link_root_users_password_link"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/users/{user}/totp": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Takes the second factor from a person who runs the installation, if its device is lost. Asks for one's own. */
        delete: operations["remove_totp_root_users_totp"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/portal/v1/deleted": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists files that went lately, of all sources that may be seen. */
        get: operations["deleted_portal_deleted"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/portal/v1/places": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Makes a place to share. It gives nobody any right. */
        post: operations["create_portal_places"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/portal/v1/places/{place}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows a place that somebody shares, to whoever sees what is there. */
        get: operations["get_portal_places"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/portal/v1/restores": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists restores, the newest first. */
        get: operations["list_portal_restores"];
        put?: never;
        /**
         * Asks for files to be put back. What would take the place of something that is there, or goes to somebody else's machine,
         *     asks for the second factor; where the organization or the source says so, somebody else has to agree.
         */
        post: operations["create_portal_restores"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/portal/v1/restores/devices": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists the machines to which something of a source may be put back. */
        get: operations["devices_portal_restores_devices"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/portal/v1/restores/{restore}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows a restore. */
        get: operations["get_portal_restores"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/portal/v1/restores/{restore}/approve": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Agrees to somebody else's restore: it begins, if they may still do it. */
        post: operations["approve_portal_restores_approve"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/portal/v1/restores/{restore}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Gives a restore up. What was put back already stays. */
        post: operations["cancel_portal_restores_cancel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/portal/v1/restores/{restore}/deny": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Does not agree to somebody else's restore. */
        post: operations["deny_portal_restores_deny"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/portal/v1/restores/{restore}/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What happens to a restore, as server-sent events: `restore`, with the whole of it as it is then; the first one at once. */
        get: operations["events_portal_restores_events"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/portal/v1/restores/{restore}/pause": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Lets a restore wait. */
        post: operations["pause_portal_restores_pause"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/portal/v1/restores/{restore}/report": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows what was planned for every entry of a restore, and what went wrong: as JSON, or as a table. */
        get: operations["show_report_portal_restores_report"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/portal/v1/restores/{restore}/resume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Lets a restore go on that was made to wait. */
        post: operations["resume_portal_restores_resume"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/portal/v1/restores/{restore}/start": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Begins a restore that was thought through. */
        post: operations["start_portal_restores_start"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/portal/v1/restores/{restore}/undo": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Puts back what a restore replaced: for seven days after its end. What the restore brought is kept in its turn. Asks for the
         *     second factor, as it takes the place of what is there.
         */
        post: operations["undo_portal_restores_undo"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/portal/v1/search": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Searches names in every snapshot that may be seen. */
        get: operations["search_portal_search"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/portal/v1/search/names": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Completes a name while it is typed. */
        get: operations["complete_portal_search_names"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/portal/v1/sources": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists the sources of which the asker sees anything. */
        get: operations["list_portal_sources"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/portal/v1/sources/{source}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows a source. */
        get: operations["get_portal_sources"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/portal/v1/sources/{source}/changes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists the snapshots in which a file, or anything in a folder, changed. */
        get: operations["changes_portal_sources_changes"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/portal/v1/sources/{source}/coverage": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows what of a source is saved, and what its plans leave out. */
        get: operations["coverage_portal_sources_coverage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/portal/v1/sources/{source}/diff": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Compares two snapshots of a source: a line of JSON for everything that differs, and one at the end. */
        get: operations["diff_portal_sources_diff"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/portal/v1/sources/{source}/download": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Download a file, or a folder as an archive: whole or in parts (`Range`), again only if it changed (`If-None-Match`). */
        get: operations["download_portal_sources_download"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/portal/v1/sources/{source}/drive": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists the snapshots that a drive shows: those of the repository that has the newest. */
        get: operations["snapshots_portal_sources_drive"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/portal/v1/sources/{source}/drive/blobs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Gives out blobs of files, in frames. */
        post: operations["blobs_portal_sources_drive_blobs"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/portal/v1/sources/{source}/drive/trees": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Gives out trees, in frames. */
        post: operations["trees_portal_sources_drive_trees"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/portal/v1/sources/{source}/hash": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Hashes a file's content. It stops when the client goes. */
        get: operations["hash_portal_sources_hash"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/portal/v1/sources/{source}/image": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows a picture: of a PNG, JPEG, GIF or WebP file, as a PNG where it is transparent and as a JPEG where not. */
        get: operations["image_portal_sources_image"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/portal/v1/sources/{source}/media": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows a PDF, sound, video or picture as it is: whole or in parts (`Range`). It is sandboxed: nothing in it runs. */
        get: operations["media_portal_sources_media"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/portal/v1/sources/{source}/text": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows a page of a text file. */
        get: operations["text_portal_sources_text"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/portal/v1/sources/{source}/timeline": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists the snapshots of a source with how much each differs from the one before it. */
        get: operations["timeline_portal_sources_timeline"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/portal/v1/sources/{source}/tree": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists a folder at a snapshot or at a time. */
        get: operations["tree_portal_sources_tree"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/portal/v1/sources/{source}/versions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists the distinct contents that a path had, each with the snapshots that have it. */
        get: operations["versions_portal_sources_versions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/portal/v1/tickets": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Make a ticket to download files. */
        post: operations["create_portal_tickets"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/portal/v1/tickets/{ticket}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** End a ticket, and what is downloaded with it. */
        delete: operations["revoke_portal_tickets"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description Another plan whose end sets this one going. */
        AfterPlan: {
            /** @description Which. */
            plan: components["schemas"]["PlanUid"];
            /** @description After which end. */
            when?: components["schemas"]["When"];
        };
        /** @description An agent. */
        AgentBody: {
            /** @description From where it was last heard. */
            address?: string | null;
            /**
             * Format: int64
             * @description By how many milliseconds its clock is ahead of the server's; negative: behind.
             */
            clock_skew_ms?: number | null;
            /** Format: date-time */
            created_at: string;
            /**
             * Format: date-time
             * @description When it was revoked or left.
             */
            ended_at?: string | null;
            facts: components["schemas"]["FactsBody"];
            /**
             * Format: date-time
             * @description When it was last heard of.
             */
            last_seen_at?: string | null;
            /** @description The machine's name, unless somebody gave it another. */
            name: string;
            /** Format: uuid */
            org: string;
            state: components["schemas"]["AgentStateBody"];
            /** Format: uuid */
            uid: string;
        };
        /** @description What is to change; what is not said stays. */
        AgentChangeBody: {
            name?: string | null;
            /**
             * Format: uuid
             * @description An agent stays in its organization: another one here is refused.
             */
            org?: string | null;
        };
        /**
         * @description Whether an agent may still do anything.
         * @enum {string}
         */
        AgentStateBody: "active" | "revoked" | "unenrolled";
        /** @description Whether a program is let in. */
        AnswerBody: {
            allow: boolean;
            code: string;
        };
        /** @description What the second person says. */
        ApprovalBody: {
            /** Format: date-time */
            at?: string | null;
            by?: components["schemas"]["RestoreUserBody"] | null;
            /** @description `waits`, `approved` or `denied`. */
            state: string;
            why: string;
        };
        /** @description What the second person says. */
        ApprovalVerdictBody: {
            /** @default  */
            why: string;
        };
        /** @description One entry. */
        AuditBody: {
            action: string;
            address?: string | null;
            /** Format: date-time */
            at: string;
            correlation?: string | null;
            details: Record<string, never>;
            /** @description SHA-256 of everything above, each field preceded by its length. */
            hash: string;
            /** @description `done`, `refused` or `failed`. */
            outcome: string;
            previous_hash: string;
            resource: string;
            resource_uid: string;
            role: string;
            /**
             * Format: int64
             * @description Its place in the chain, from 1 on, without gaps.
             */
            seq: number;
            who: string;
            /** @description `user`, `token`, `agent` or `system`. */
            who_kind: string;
        };
        /** @description A backup. */
        BackupSpec: {
            /** @description How they are captured. */
            capture: components["schemas"]["CaptureOptions"];
            /** @description Commands around the capture. */
            hooks: components["schemas"]["Hook"][];
            /** @description The name of the source in the snapshot; the machine's own when there is none. */
            host?: string | null;
            /** @description How much of the machine it may use. */
            limits: components["schemas"]["Limits"];
            /** @description The source's files and folders, on its machine. */
            paths: string[];
            /** @description The plan that it is a run of. */
            plan: components["schemas"]["PlanUid"];
            /**
             * Format: int32
             * @description The version of the plan that counted when the job was made.
             */
            plan_version: number;
            /** @description Where the snapshot goes, through the server's gateway. */
            repository: components["schemas"]["RepositoryUid"];
            /** @description What is protected. */
            source: components["schemas"]["SourceUid"];
            /** @description Where the storage should keep it. */
            storage_class: components["schemas"]["StorageClass"];
            /** @description Labels of the snapshot. */
            tags: string[];
        };
        /** @description Numbers for certain hours. */
        BandwidthRule: {
            /**
             * Format: int64
             * @description Bytes a second that are got; none is no limit.
             */
            download_bytes_per_second?: number | null;
            /** @description When, by the clock of the source's machine. */
            during: components["schemas"]["Window"];
            /**
             * Format: int64
             * @description Bytes a second that are sent; none is no limit.
             */
            upload_bytes_per_second?: number | null;
        };
        /**
         * @description What is done at the place of a new repository.
         * @enum {string}
         */
        Begin: "create" | "adopt" | "later";
        /** @description Dates on which nothing runs, by the calendar of the schedule's zone. */
        Blackout: {
            /**
             * Format: date
             * @description The first.
             */
            from: string;
            /** @description Why, for people. */
            reason?: string;
            /**
             * Format: date
             * @description The last.
             */
            to: string;
            /** @description The same days of every year: what year is given does not count then. */
            yearly?: boolean;
        };
        /** @description A request for blobs of files. */
        BlobsRequest: {
            /** @description Which. */
            blobs: string[];
            /**
             * Format: uuid
             * @description Where they lie.
             */
            repository: string;
        };
        /** @description Days and times in words. */
        Calendar: {
            /**
             * Format: int32
             * @description So many.
             */
            count?: number;
            /** @enum {string} */
            every: "hours";
            /**
             * Format: int32
             * @description The minute of the hour.
             */
            minute?: number;
        } | {
            /** @description At these times. */
            at: components["schemas"]["DayTime"][];
            /** @enum {string} */
            every: "day";
        } | {
            /** @description At these times. */
            at: components["schemas"]["DayTime"][];
            /** @enum {string} */
            every: "week";
            /** @description Which. */
            on: components["schemas"]["Day"][];
        } | {
            /** @description At these times. */
            at: components["schemas"]["DayTime"][];
            /** @enum {string} */
            every: "month";
            /** @description Which. */
            on: components["schemas"]["MonthDay"][];
        } | {
            /** @description At these times. */
            at: components["schemas"]["DayTime"][];
            /**
             * Format: int32
             * @description 1 to 31; in a month that is shorter, its last day.
             */
            day: number;
            /** @enum {string} */
            every: "year";
            /**
             * Format: int32
             * @description 1 to 12.
             */
            month: number;
        };
        /** @description What is left out, and how the rest is read and written. */
        CaptureOptions: {
            /**
             * @description How hard is compressed.
             * @default auto
             */
            compression: components["schemas"]["Compression"];
            /**
             * @description Patterns of what is left out, restic's; `!` before one makes an exception.
             * @default []
             */
            exclude: string[];
            /**
             * @description Folders that are marked as caches are left out.
             * @default false
             */
            exclude_caches: boolean;
            /**
             * @description Files on the source's machine with such patterns, one a line.
             * @default []
             */
            exclude_files: string[];
            /**
             * @description Folders that hold a file of this name are left out: `NAME` or `NAME:HEADER`.
             * @default []
             */
            exclude_if_present: string[];
            /**
             * Format: int64
             * @description Files of more bytes are left out.
             * @default null
             */
            exclude_larger_than: number | null;
            /**
             * @description Every file is read, whatever the snapshot before has.
             * @default false
             */
            force: boolean;
            /**
             * @description What .gitignore and .ignore files say is left out.
             * @default false
             */
            gitignore: boolean;
            /**
             * @description The same, whatever the case of the letters.
             * @default []
             */
            iexclude: string[];
            /**
             * @description A file is unchanged although the time of its attributes has changed.
             * @default false
             */
            ignore_ctime: boolean;
            /**
             * @description A file is unchanged although its inode number and time of attributes have changed.
             * @default false
             */
            ignore_inode: boolean;
            /**
             * @description More files and folders than the source's own.
             * @default []
             */
            include: string[];
            /**
             * @description Other file systems that are mounted below a source are left out.
             * @default false
             */
            one_file_system: boolean;
            /**
             * Format: int32
             * @description MiB that a pack is filled with, 4 to 128.
             * @default null
             */
            pack_size_mib: number | null;
            /**
             * Format: int32
             * @description Files that are read at once.
             * @default null
             */
            read_concurrency: number | null;
            /**
             * @description No snapshot is taken that would be equal to the one before.
             * @default false
             */
            skip_if_unchanged: boolean;
            /**
             * @description Times of access are saved.
             * @default false
             */
            with_atime: boolean;
        };
        /** @description A refresh of the catalog. */
        CatalogSpec: {
            /** @description Whose. */
            repository: components["schemas"]["RepositoryUid"];
        };
        /** @description A certificate of an agent. */
        CertificateBody: {
            /** Format: date-time */
            expires_at: string;
            /** @description SHA-256, hexadecimal. */
            fingerprint: string;
            /** Format: date-time */
            not_before: string;
            /** Format: date-time */
            revoked_at?: string | null;
            serial: string;
        };
        /**
         * @description How an entry differs from an earlier time.
         * @enum {string}
         */
        ChangeBody: "added" | "changed";
        /** @description A snapshot in which a path changed. */
        ChangedBody: components["schemas"]["SnapshotRefBody"] & {
            change: components["schemas"]["TurnBody"];
        };
        /** @description The snapshots in which a path changed. */
        ChangesBody: components["schemas"]["PathBody"] & {
            /** @description The newest first. */
            changes: components["schemas"]["ChangedBody"][];
            /** @description Whether every snapshot was looked at, and could be read. */
            complete: boolean;
        };
        /** @description A restore, thought through: nothing was written for it. */
        CheckBody: {
            /**
             * Format: int64
             * @description Files to put beside others.
             */
            beside: number;
            /**
             * Format: int64
             * @description Bytes to write.
             */
            bytes: number;
            /**
             * Format: int64
             * @description Bytes that are free there, if the system tells.
             */
            bytes_free?: number | null;
            /**
             * Format: int64
             * @description What is in the way, and has no rule.
             */
            conflict: number;
            /**
             * Format: int64
             * @description Files to make where nothing is.
             */
            create: number;
            /**
             * Format: int64
             * @description What cannot be restored at all.
             */
            errors: number;
            /**
             * Format: int64
             * @description Folders to make.
             */
            folders: number;
            /**
             * Format: int64
             * @description Files to put in the place of others.
             */
            replace: number;
            /**
             * Format: int64
             * @description Files that are there already.
             */
            same: number;
            /**
             * Format: int64
             * @description Files to leave as they are.
             */
            skip: number;
            /** @description The folder that everything would be in. */
            target: string;
        };
        /** @description The rule for one thing that is in the way. */
        ChoiceBody: {
            /** @description Its path in the snapshot. */
            path: string;
            rule: components["schemas"]["OnConflictBody"];
        };
        /** @description A password that somebody chooses by a link. */
        ChosenBody: {
            /** Format: password */
            password: string;
            /** @description What the link ends with. */
            token: string;
        };
        /** @description A code of the device. */
        CodeBody: {
            code: string;
        };
        /** @description A name that begins so. */
        CompletionBody: {
            name: string;
            /**
             * Format: int64
             * @description Versions of that name, at least.
             */
            versions: number;
        };
        /** @description Names that begin so. */
        CompletionsBody: {
            /** @description The most frequent first. */
            names: components["schemas"]["CompletionBody"][];
        };
        /**
         * @description How hard is compressed.
         * @enum {string}
         */
        Compression: "off" | "fastest" | "auto" | "better" | "max";
        /**
         * @description What a restore does where something is already.
         * @enum {string}
         */
        ConflictRule: "fail" | "skip" | "overwrite" | "newer" | "keep-both" | "set-aside";
        /** @description Copying snapshots. */
        CopySpec: {
            /** @description From here. */
            from: components["schemas"]["RepositoryUid"];
            /** @description Only snapshots that have this tag. */
            tag?: string | null;
            /** @description To there. */
            to: components["schemas"]["RepositoryUid"];
        };
        /** @description How many snapshots a rule keeps. */
        Count: number | "unlimited";
        /** @description How much was done; what does not fit the kind of job is zero. */
        Counts: {
            /**
             * Format: int64
             * @description Bytes of contents that the repository did not have.
             * @default 0
             */
            bytes_added: number;
            /**
             * Format: int64
             * @description Bytes of files looked at.
             * @default 0
             */
            bytes_processed: number;
            /**
             * Format: int64
             * @description Bytes removed from storage.
             * @default 0
             */
            bytes_removed: number;
            /**
             * Format: int64
             * @description Bytes that were written to storage for them.
             * @default 0
             */
            bytes_written: number;
            /**
             * Format: int64
             * @description Folders.
             * @default 0
             */
            dirs: number;
            /**
             * Format: int64
             * @description Files that are others than in the snapshot before.
             * @default 0
             */
            files_changed: number;
            /**
             * Format: int64
             * @description Files that the snapshot before did not have; files restored.
             * @default 0
             */
            files_new: number;
            /**
             * Format: int64
             * @description Files that are as they were.
             * @default 0
             */
            files_unmodified: number;
            /**
             * Format: int64
             * @description Packs marked, checked or copied; files put under legal hold, or released from it.
             * @default 0
             */
            packs: number;
            /**
             * Format: int64
             * @description Packs removed.
             * @default 0
             */
            packs_removed: number;
            /**
             * Format: int64
             * @description Files that could not be read or written; errors that a verify found.
             * @default 0
             */
            problems: number;
            /**
             * Format: int64
             * @description Snapshots found, copied, kept or held.
             * @default 0
             */
            snapshots: number;
            /**
             * Format: int64
             * @description Snapshots forgotten.
             * @default 0
             */
            snapshots_forgotten: number;
        };
        /** @description What of a source is saved. */
        CoverageBody: {
            /** @description Its files and folders. Null, as all below: the asker sees a part of the source only. */
            paths?: string[] | null;
            /** @description What each plan of it that is on leaves out; none: no plan saves it. */
            plans?: components["schemas"]["LeftOutBody"][] | null;
        };
        Cron: string;
        /**
         * @description A day of the week.
         * @enum {string}
         */
        Day: "monday" | "tuesday" | "wednesday" | "thursday" | "friday" | "saturday" | "sunday";
        DayTime: string;
        /** @description Files that went. */
        DeletedBody: {
            /** @description What went last comes first. Each path once, as it was last. */
            items: components["schemas"]["HitBody"][];
            /** @description Where the next page begins: give it as `after`. Null on the last page. */
            next?: string | null;
            /** @description Whether more may have gone than is told: the index is being brought up to date. */
            partial: boolean;
        };
        /** @description A plan that another one waits for. */
        Dependency: {
            /** @description A run fails when the last job of that plan before it did. Otherwise it only waits for its end. */
            must_succeed?: boolean;
            /** @description Which. */
            plan: components["schemas"]["PlanUid"];
        };
        /** @description A machine that may be restored to. */
        DeviceBody: {
            /** Format: date-time */
            last_seen_at?: string | null;
            name: string;
            /** @description Whether it was heard of lately. */
            online: boolean;
            /** @description Whether it is the source's own. */
            original: boolean;
            /** Format: uuid */
            uid: string;
        };
        /** @description How much differs: files and everything else but folders. What was moved was removed and added. */
        DiffCountsBody: {
            /** Format: int64 */
            added: number;
            /** Format: int64 */
            added_bytes: number;
            /** Format: int64 */
            changed: number;
            /**
             * Format: int64
             * @description As they are after the change.
             */
            changed_bytes: number;
            /** @description Whether everything could be read. */
            complete: boolean;
            /** Format: int64 */
            removed: number;
            /** Format: int64 */
            removed_bytes: number;
        };
        /**
         * @description How something differs.
         * @enum {string}
         */
        DiffKindBody: "added" | "changed" | "removed" | "moved" | "broken";
        /** @description A line of the stream: something that differs. */
        DiffLineBody: components["schemas"]["PathBody"] & {
            after?: components["schemas"]["StatBody"] | null;
            before?: components["schemas"]["StatBody"] | null;
            change: components["schemas"]["DiffKindBody"];
            /** @description Why it cannot be read. */
            error?: string | null;
            from?: components["schemas"]["PathBody"] | null;
        };
        /** @description What was done. */
        Done: {
            /**
             * @description How much.
             * @default {
             *       "bytes_added": 0,
             *       "bytes_processed": 0,
             *       "bytes_removed": 0,
             *       "bytes_written": 0,
             *       "dirs": 0,
             *       "files_changed": 0,
             *       "files_new": 0,
             *       "files_unmodified": 0,
             *       "packs": 0,
             *       "packs_removed": 0,
             *       "problems": 0,
             *       "snapshots": 0,
             *       "snapshots_forgotten": 0
             *     }
             */
            counts: components["schemas"]["Counts"];
            /** @default null */
            restore: components["schemas"]["Restored"] | null;
            /**
             * @description The snapshot that was taken. None when nothing has changed and none was wanted then.
             * @default null
             */
            snapshot: string | null;
        };
        /** @description A snapshot, as a drive shows it. */
        DriveSnapshot: {
            /** @description The machine. */
            host: string;
            /** @description Its id. */
            id: string;
            /** @description Whether only a part of it is shown: its root is then asked for by its place. */
            partial: boolean;
            /** @description What was saved. */
            paths: string[];
            /** @description The program that took it. */
            program: string;
            /** @description Its tags. */
            tags: string[];
            /**
             * Format: date-time
             * @description When it was taken.
             */
            time: string;
            /** @description The name of its root. */
            tree: string;
            /** @description Who took it; empty when unknown. */
            username: string;
            /**
             * Format: int32
             * @description The source's time zone then.
             */
            utc_offset_seconds: number;
        };
        /** @description The snapshots of a source that a drive shows. */
        DriveSnapshots: {
            /**
             * Format: uuid
             * @description Where they lie: requests name it.
             */
            repository: string;
            /** @description Oldest first. */
            snapshots: components["schemas"]["DriveSnapshot"][];
        };
        /**
         * @description Whether a grant gives, or takes what a wider one gives.
         * @enum {string}
         */
        EffectBody: "allow" | "deny";
        /** @description Nothing more. */
        EmptyBody: Record<string, never>;
        /** @description How many sessions ended. */
        EndedBody: {
            /** Format: int64 */
            ended: number;
        };
        /** @description What a device takes to make codes. Shown once. */
        EnrolmentBody: {
            /** @description In base 32, for typing. */
            secret: string;
            /** @description For a QR code. */
            url: string;
        };
        /** @description A token, without what it opens. */
        EnrolmentTokenBody: {
            /** Format: date-time */
            created_at: string;
            created_by: string;
            /** Format: date-time */
            expires_at: string;
            note: string;
            /** Format: date-time */
            revoked_at?: string | null;
            /** Format: uuid */
            uid: string;
            /** Format: date-time */
            used_at?: string | null;
            /**
             * Format: uuid
             * @description The agent that it made.
             */
            used_by?: string | null;
        };
        /** @description An entry of a folder. */
        EntryBody: components["schemas"]["NameBody"] & components["schemas"]["StatBody"] & {
            /** @description Whether it is shown only as the way to what may be seen below it. */
            bare?: boolean;
            change?: components["schemas"]["ChangeBody"] | null;
            deleted?: components["schemas"]["SnapshotRefBody"] | null;
            /** @description What may be done with it, where that is not what may be done with its folder. */
            uses?: components["schemas"]["UseBody"][] | null;
        };
        /** @description Something that happened. */
        EventBody: {
            /** Format: uuid */
            agent?: string | null;
            /** Format: date-time */
            at: string;
            /** @description More, by kind. */
            data: unknown;
            /** Format: uuid */
            job?: string | null;
            /**
             * @description `job.queued`, `job.leased`, `job.running`, `job.progress`, `job.log`, `job.cancel`, `job.ended`, `plan.changed`,
             *     `repository.down`, `repository.up`, `repository.changed`, `agent.changed`,
             *     `restore.changed`.
             */
            kind: string;
            /**
             * Format: uuid
             * @description Give it as `Last-Event-ID`, or `after`, to go on from here.
             */
            uid: string;
        };
        /** @description How many hits have a value. */
        FacetBody: {
            /** Format: int64 */
            count: number;
            /** @description What to add to the query to see only those. */
            query: string;
            value: string;
        };
        /** @description Hits by what they are. */
        FacetsBody: {
            /** @description Whether the counts are estimates. */
            estimated: boolean;
            extensions: components["schemas"]["FacetBody"][];
            hosts: components["schemas"]["FacetBody"][];
            kinds: components["schemas"]["FacetBody"][];
            sizes: components["schemas"]["FacetBody"][];
            sources: components["schemas"]["FacetBody"][];
            years: components["schemas"]["FacetBody"][];
        };
        /** @description What an agent says of its machine. */
        FactsBody: {
            agent_version: string;
            arch: string;
            capabilities: string[];
            hostname: string;
            os: string;
            os_release?: string | null;
            owner: components["schemas"]["OwnerBody"];
            time_zone?: string | null;
        };
        /** @description Why a job failed. */
        Failure: {
            /** @description For machines. */
            code: components["schemas"]["FailureCode"];
            /** @description For people. No file's name is in it above the debug level, and no secret. */
            text: string;
        };
        /**
         * @description Why a job failed, for machines: whether to try again, and whether the storage is to blame.
         * @enum {string}
         */
        FailureCode: "storage_unavailable" | "repository_locked" | "wrong_password" | "damaged" | "no_space" | "denied" | "source_missing" | "hook_failed" | "timed_out" | "lease_lost" | "conflict" | "invalid" | "dependency_failed" | "window_closed" | "verify_failed" | "internal";
        /** @description What becomes of a snapshot. */
        FateBody: {
            /** @description Whether it is under hold. */
            held: boolean;
            /** @description Whether it stays. */
            kept: boolean;
            /** @description By which rules, in restic's words where it has some. */
            reasons: string[];
            snapshot: components["schemas"]["SnapshotBody"];
        };
        /** @description What becomes of each snapshot. */
        FatesBody: {
            forgotten: number;
            /** @description The newest first. */
            items: components["schemas"]["FateBody"][];
            kept: number;
        };
        /** @description The answer of a test. */
        Finding: {
            /** @description For programs. */
            code: components["schemas"]["FindingCode"];
            /** @description What the storage said, without any secret. */
            detail?: string | null;
            /** @description For people: what is wrong, and what may help. */
            message: string;
        };
        /**
         * @description What was found.
         * @enum {string}
         */
        FindingCode: "ready" | "password_needed" | "no_repository" | "repository_there" | "wrong_password" | "refused" | "name_unknown" | "address_forbidden" | "tls" | "host_key" | "sign_in_refused" | "not_writable" | "bucket_missing" | "folder_missing" | "timed_out" | "full" | "unreadable" | "bad_location" | "failed";
        /** @description Forgetting by rules. */
        ForgetSpec: {
            /** @description Says what would be forgotten, and forgets nothing. */
            dry_run?: boolean;
            /** @description Only snapshots of these hosts; of all when there is none. */
            hosts?: string[];
            /** @description Where. */
            repository: components["schemas"]["RepositoryUid"];
            /** @description By which rules. */
            retention: components["schemas"]["RetentionPolicy"];
            /** @description Only snapshots that have this tag: those of one plan. */
            tag?: string | null;
        };
        /**
         * @description As what files are sent.
         * @enum {string}
         */
        FormBody: "file" | "tar" | "zip";
        /** @description What was found. */
        FoundBody: {
            facets?: components["schemas"]["FacetsBody"] | null;
            hits: components["schemas"]["HitBody"][];
            /** @description Where the next page begins: give it as `after`. Null on the last page. */
            next?: string | null;
            /** @description Whether more may fit than was found: the index is being brought up to date. */
            partial: boolean;
            /**
             * Format: int64
             * @description Paths that fit; null: too many to count.
             */
            paths?: number | null;
            /** @description What may have been meant, when nothing fits. */
            suggestions: components["schemas"]["SuggestionBody"][];
            /**
             * Format: int64
             * @description All versions that fit.
             */
            total: number;
        };
        /** @description A gateway credential, without its password. */
        GatewayCredentialBody: {
            /** @description `read-only`, `append-only` or `full`. */
            access: string;
            /** Format: uuid */
            agent?: string | null;
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            expires_at?: string | null;
            /**
             * Format: date-time
             * @description To some minutes.
             */
            last_used_at?: string | null;
            /** @description For people. */
            name: string;
            /** Format: uuid */
            uid: string;
            /** Format: uuid */
            user?: string | null;
            /** @description What restic calls the user: `RESTIC_REST_USERNAME`. */
            username: string;
        };
        /** @description A grant. */
        GrantBody: {
            actions: components["schemas"]["UseBody"][];
            /**
             * Format: int64
             * @description How many bytes may be downloaded in a day.
             */
            bytes_per_day?: number | null;
            /** Format: date-time */
            created_at: string;
            /**
             * Format: int32
             * @description How many downloads may run at one time.
             */
            downloads?: number | null;
            effect: components["schemas"]["EffectBody"];
            /**
             * Format: int32
             * @description Only in snapshots that are not older.
             */
            history_days?: number | null;
            /**
             * @description Only what is this owner's, reached through nothing but what is theirs: `uid:1000`, `name:anna`,
             *     or on Windows `sid:S-1-5-21-1-2-3-1001`.
             */
            owner?: string | null;
            /** @description Below which path of the source. */
            path: string;
            /** Format: uuid */
            source: string;
            /** Format: uuid */
            uid: string;
            /** Format: uuid */
            user: string;
        };
        /** @description What a grant is to become; what is not said stays, null takes a limit away. */
        GrantChangeBody: {
            actions?: components["schemas"]["UseBody"][] | null;
            /** Format: int64 */
            bytes_per_day?: number | null;
            /** Format: int32 */
            downloads?: number | null;
            /** Format: int32 */
            history_days?: number | null;
            owner?: string | null;
        };
        GroupBy: string;
        /** @description What a file's content comes to. */
        HashBody: {
            /** Format: int64 */
            bytes: number;
            /** @description The name of its content. */
            content: string;
            /** @description In hexadecimal digits. */
            sha256: string;
        };
        /** @description The snapshot whose holds were changed. */
        HeldBody: {
            /**
             * Format: uuid
             * @description The job that has the storage keep what the snapshot needs, or lets go of it; null where the storage locks no files.
             */
            job?: string | null;
            /** @description Its id from now on: holds lie in the snapshot itself, and its id is its hash. */
            snapshot: string;
        };
        /** @description A version of a path that fits. */
        HitBody: components["schemas"]["PathBody"] & {
            /** @description Whether the newest snapshot of its source has it. */
            current: boolean;
            /**
             * Format: date-time
             * @description When nothing lay at its path any more.
             */
            deleted?: string | null;
            /** @description The first snapshot that has it, and the last. */
            first: components["schemas"]["SeenAtBody"];
            /** @description Parts of the path that fit, as ranges of its bytes. */
            highlights: [
                number,
                number
            ][];
            kind: components["schemas"]["KindBody"];
            last: components["schemas"]["SeenAtBody"];
            /** Format: date-time */
            mtime?: string | null;
            /** Format: int64 */
            size: number;
            /** Format: uuid */
            source: string;
            source_name: string;
            /**
             * Format: int64
             * @description Versions of its path; null: too many to count.
             */
            versions?: number | null;
        };
        /** @description A hold. */
        HoldBody: {
            /** @description What it is for, and released by. */
            case: string;
            reason: string;
            /** Format: uuid */
            repository: string;
            /** @description restic's id of the snapshot. */
            snapshot: string;
            /**
             * Format: date-time
             * @description When it ends by itself; null: when somebody releases it.
             */
            until?: string | null;
            who: string;
        };
        /** @description What keeps a snapshot. */
        HoldRefBody: {
            /** @description What for. */
            case: string;
            /**
             * Format: date-time
             * @description Until when; null: until somebody releases it.
             */
            until?: string | null;
        };
        /** @description A command that runs on the source's machine. */
        Hook: {
            /** @description Exit codes that are no failure; 0 when there is none. */
            allowed_exit_codes?: number[];
            /** @description The program and its arguments: no shell is between. */
            command: string[];
            /** @description What becomes of the job when it fails. */
            on_failure?: components["schemas"]["OnHookFailure"];
            /**
             * Format: int32
             * @description Seconds after which it is ended.
             */
            timeout_seconds?: number;
            /** @description When it runs. */
            when: components["schemas"]["HookMoment"];
        };
        /**
         * @description When a hook runs.
         * @enum {string}
         */
        HookMoment: "before" | "after" | "success" | "failure";
        IdPrefix: string;
        /** @description What the storage of a repository keeps from being removed. */
        ImmutableBody: {
            /**
             * Format: int32
             * @description For how many days.
             */
            days?: number | null;
            /** @description Empty where the storage keeps nothing. */
            kinds: components["schemas"]["KeptBody"][];
            /** @description `compliance` or `governance`: how new files are kept; null when they are not. */
            mode?: string | null;
        };
        /** @description The installation. */
        InstallationBody: {
            /**
             * Format: int32
             * @description The port that agents reach it at, at an address of its own.
             */
            agent_port: number;
            /** @description Where agents reach it, if its configuration says so. */
            agent_url?: string | null;
            /** @description Where people reach it, if its configuration says so. */
            public_url?: string | null;
            /** @description Of the server that answers. */
            version: string;
        };
        /**
         * @description How others go before a job when reading.
         * @enum {string}
         */
        IoClass: "best-effort" | "idle";
        /** @description A file or folder. */
        ItemBody: {
            /** @description A time, the beginning of a snapshot's id, or `latest`, which it is if nothing is said. */
            at?: string | null;
            /** @description Where it lies. */
            path?: string | null;
            /** @description The same in base64, where it is not UTF-8. */
            path_base64?: string | null;
        };
        /** @description A job. */
        JobBody: {
            /**
             * Format: uuid
             * @description The machine that does it; null: the server.
             */
            agent?: string | null;
            /**
             * Format: int64
             * @description How often it was taken, and how often at most.
             */
            attempt: number;
            /** Format: int64 */
            attempts_max: number;
            /**
             * Format: date-time
             * @description When it may begin.
             */
            available_at: string;
            /** @description Somebody wants it to be given up. */
            cancel_requested: boolean;
            /**
             * Format: date-time
             * @description When it may begin no more.
             */
            closes_at?: string | null;
            /** @description What it has in common with a request, and their logs. */
            correlation?: string | null;
            /** Format: date-time */
            created_at: string;
            created_by: string;
            /** @description `user`, `token`, `agent` or `system`. */
            created_by_kind: string;
            /** Format: date-time */
            ended_at?: string | null;
            kind: components["schemas"]["JobKind"];
            outcome?: components["schemas"]["Outcome"] | null;
            /** @description Somebody wants it to wait. */
            pause_requested: boolean;
            /** Format: uuid */
            plan?: string | null;
            /** Format: int64 */
            plan_version?: number | null;
            progress?: components["schemas"]["Progress"] | null;
            /** Format: uuid */
            repository: string;
            /**
             * Format: uuid
             * @description The job that it does again.
             */
            retry_of?: string | null;
            /**
             * Format: uuid
             * @description The run that made it.
             */
            run?: string | null;
            /** Format: uuid */
            source?: string | null;
            /** @description What is to be done. No secret is in it. */
            spec: components["schemas"]["JobSpec"];
            /** Format: date-time */
            started_at?: string | null;
            state: components["schemas"]["JobState"];
            /** Format: uuid */
            uid: string;
            /**
             * Format: int64
             * @description How many jobs it waits for.
             */
            waits: number;
        };
        /** @description Jobs that ended on one day in the same way. */
        JobDayBody: {
            /** Format: int64 */
            count: number;
            /** @description As in `2026-11-20`. */
            day: string;
            kind: string;
            /** Format: uuid */
            source?: string | null;
            state: string;
        };
        /** @description Jobs by day. */
        JobDaysBody: {
            /** @description By day. */
            items: components["schemas"]["JobDayBody"][];
        };
        /** @description How a job ended. */
        JobEndBody: {
            /** Format: date-time */
            at: string;
            /** Format: uuid */
            job: string;
            state: string;
            /** @description Why, where it failed. */
            why?: string | null;
        };
        /**
         * @description What a job does.
         * @enum {string}
         */
        JobKind: "backup" | "restore" | "catalog" | "forget" | "prune" | "verify" | "copy" | "mirror" | "legal_hold";
        /** @description What is to be done. */
        JobSpec: (components["schemas"]["BackupSpec"] & {
            /** @enum {string} */
            kind: "backup";
        }) | (components["schemas"]["RestoreSpec"] & {
            /** @enum {string} */
            kind: "restore";
        }) | (components["schemas"]["CatalogSpec"] & {
            /** @enum {string} */
            kind: "catalog";
        }) | (components["schemas"]["ForgetSpec"] & {
            /** @enum {string} */
            kind: "forget";
        }) | (components["schemas"]["PruneSpec"] & {
            /** @enum {string} */
            kind: "prune";
        }) | (components["schemas"]["VerifySpec"] & {
            /** @enum {string} */
            kind: "verify";
        }) | (components["schemas"]["CopySpec"] & {
            /** @enum {string} */
            kind: "copy";
        }) | (components["schemas"]["MirrorSpec"] & {
            /** @enum {string} */
            kind: "mirror";
        }) | (components["schemas"]["LegalHoldSpec"] & {
            /** @enum {string} */
            kind: "legal_hold";
        });
        /**
         * @description Where a job stands. It goes from left to right only, except that a lease that runs out, or a failure that may pass, puts
         *     it back into the queue with one attempt counted.
         * @enum {string}
         */
        JobState: "queued" | "leased" | "running" | "succeeded" | "partial" | "failed" | "cancelled";
        /** @description What the storage keeps of the files of one kind. */
        KeptBody: {
            /**
             * Format: int64
             * @description Those that nobody can remove before a time to come.
             */
            compliance: number;
            /** Format: int64 */
            files: number;
            /**
             * Format: date-time
             * @description When the first of them becomes free.
             */
            first_end?: string | null;
            /**
             * Format: int64
             * @description The same, save for storage keys with the right to.
             */
            governance: number;
            /** @description `config`, `keys`, `snapshots`, `index`, `data` or `locks`. */
            kind: string;
            /**
             * Format: date-time
             * @description When the last of them does.
             */
            last_end?: string | null;
            /**
             * Format: int64
             * @description Those under the storage's own legal hold, whatever their time.
             */
            legal_hold: number;
            /**
             * Format: int64
             * @description Those whose time is over.
             */
            over: number;
            /**
             * Format: int64
             * @description Those that never had one.
             */
            unprotected: number;
        };
        /** @description A key: a password that opens the repository, of which only its owner knows it. */
        KeyBody: {
            /** Format: date-time */
            created_at?: string | null;
            /** @description What is wrong with its file. */
            fault?: string | null;
            /** @description For which machine; empty when nobody said, null when its file cannot be read. */
            host?: string | null;
            /** @description restic's id of the key. */
            id: string;
            /** @description Whether the server opens the repository with it: then it stays. */
            is_servers: boolean;
            /** @description Whom it is for, as its maker said; empty when nobody did, null when its file cannot be read. */
            user?: string | null;
        };
        /** @description The keys of a repository. */
        KeysBody: {
            /** @description By id. */
            items: components["schemas"]["KeyBody"][];
        };
        /**
         * @description What something is, in restic's words.
         * @enum {string}
         */
        KindBody: "file" | "dir" | "symlink" | "dev" | "chardev" | "fifo" | "socket" | "irregular";
        /** @description What a plan leaves out. */
        LeftOutBody: {
            /** @description Folders that are marked as caches. */
            caches: boolean;
            /** @description What .gitignore and .ignore files say. */
            git_ignored: boolean;
            /**
             * Format: int64
             * @description Files of more bytes.
             */
            larger_than?: number | null;
            /** @description Folders that hold a file of such a name. */
            marked: string[];
            /** @description What it saves beside the source's own files and folders. */
            more: string[];
            /** @description Other file systems that are mounted below. */
            other_file_systems: boolean;
            /** @description Files on the machine with more of them. */
            pattern_files: string[];
            /** @description Patterns, restic's; `!` before one makes an exception. */
            patterns: string[];
        };
        /**
         * @description Bringing the storage's legal hold in line with the holds of a snapshot: what it needs is kept while one holds it, and no
         *     longer.
         */
        LegalHoldSpec: {
            /** @description Where: a repository whose files are locked by its storage. */
            repository: components["schemas"]["RepositoryUid"];
            /** @description Which snapshot. */
            snapshot: string;
        };
        /** @description How much of a machine a job may use. What is none is not limited. */
        Limits: {
            /**
             * @description Other numbers at certain hours: the first that fits counts.
             * @default []
             */
            bandwidth: components["schemas"]["BandwidthRule"][];
            /**
             * Format: int64
             * @description Bytes a second that it gets.
             * @default null
             */
            download_bytes_per_second: number | null;
            /**
             * Format: int32
             * @description Minutes after which a job is ended.
             * @default null
             */
            duration_minutes_max: number | null;
            /** @default null */
            io_class: components["schemas"]["IoClass"] | null;
            /**
             * Format: int32
             * @description How far others go before it on the processor, 0 to 19.
             * @default null
             */
            nice: number | null;
            /**
             * Format: int64
             * @description Bytes a second that it sends.
             * @default null
             */
            upload_bytes_per_second: number | null;
        };
        /** @description A link with which somebody chooses a password: give them the token. It is in this answer and nowhere else. */
        LinkBody: {
            /** Format: date-time */
            expires_at: string;
            /** @description The path of our own page that takes it. */
            path: string;
            token: string;
        };
        /** @description A page of a list. */
        ListBody_AgentBody: {
            /** @description In the order of the list. */
            items: {
                /** @description From where it was last heard. */
                address?: string | null;
                /**
                 * Format: int64
                 * @description By how many milliseconds its clock is ahead of the server's; negative: behind.
                 */
                clock_skew_ms?: number | null;
                /** Format: date-time */
                created_at: string;
                /**
                 * Format: date-time
                 * @description When it was revoked or left.
                 */
                ended_at?: string | null;
                facts: components["schemas"]["FactsBody"];
                /**
                 * Format: date-time
                 * @description When it was last heard of.
                 */
                last_seen_at?: string | null;
                /** @description The machine's name, unless somebody gave it another. */
                name: string;
                /** Format: uuid */
                org: string;
                state: components["schemas"]["AgentStateBody"];
                /** Format: uuid */
                uid: string;
            }[];
            /** @description Where the next page begins: give it as `after`. Null on the last page. */
            next?: string | null;
        };
        /** @description A page of a list. */
        ListBody_AuditBody: {
            /** @description In the order of the list. */
            items: {
                action: string;
                address?: string | null;
                /** Format: date-time */
                at: string;
                correlation?: string | null;
                details: Record<string, never>;
                /** @description SHA-256 of everything above, each field preceded by its length. */
                hash: string;
                /** @description `done`, `refused` or `failed`. */
                outcome: string;
                previous_hash: string;
                resource: string;
                resource_uid: string;
                role: string;
                /**
                 * Format: int64
                 * @description Its place in the chain, from 1 on, without gaps.
                 */
                seq: number;
                who: string;
                /** @description `user`, `token`, `agent` or `system`. */
                who_kind: string;
            }[];
            /** @description Where the next page begins: give it as `after`. Null on the last page. */
            next?: string | null;
        };
        /** @description A page of a list. */
        ListBody_CertificateBody: {
            /** @description In the order of the list. */
            items: {
                /** Format: date-time */
                expires_at: string;
                /** @description SHA-256, hexadecimal. */
                fingerprint: string;
                /** Format: date-time */
                not_before: string;
                /** Format: date-time */
                revoked_at?: string | null;
                serial: string;
            }[];
            /** @description Where the next page begins: give it as `after`. Null on the last page. */
            next?: string | null;
        };
        /** @description A page of a list. */
        ListBody_DeviceBody: {
            /** @description In the order of the list. */
            items: {
                /** Format: date-time */
                last_seen_at?: string | null;
                name: string;
                /** @description Whether it was heard of lately. */
                online: boolean;
                /** @description Whether it is the source's own. */
                original: boolean;
                /** Format: uuid */
                uid: string;
            }[];
            /** @description Where the next page begins: give it as `after`. Null on the last page. */
            next?: string | null;
        };
        /** @description A page of a list. */
        ListBody_EnrolmentTokenBody: {
            /** @description In the order of the list. */
            items: {
                /** Format: date-time */
                created_at: string;
                created_by: string;
                /** Format: date-time */
                expires_at: string;
                note: string;
                /** Format: date-time */
                revoked_at?: string | null;
                /** Format: uuid */
                uid: string;
                /** Format: date-time */
                used_at?: string | null;
                /**
                 * Format: uuid
                 * @description The agent that it made.
                 */
                used_by?: string | null;
            }[];
            /** @description Where the next page begins: give it as `after`. Null on the last page. */
            next?: string | null;
        };
        /** @description A page of a list. */
        ListBody_GatewayCredentialBody: {
            /** @description In the order of the list. */
            items: {
                /** @description `read-only`, `append-only` or `full`. */
                access: string;
                /** Format: uuid */
                agent?: string | null;
                /** Format: date-time */
                created_at: string;
                /** Format: date-time */
                expires_at?: string | null;
                /**
                 * Format: date-time
                 * @description To some minutes.
                 */
                last_used_at?: string | null;
                /** @description For people. */
                name: string;
                /** Format: uuid */
                uid: string;
                /** Format: uuid */
                user?: string | null;
                /** @description What restic calls the user: `RESTIC_REST_USERNAME`. */
                username: string;
            }[];
            /** @description Where the next page begins: give it as `after`. Null on the last page. */
            next?: string | null;
        };
        /** @description A page of a list. */
        ListBody_GrantBody: {
            /** @description In the order of the list. */
            items: {
                actions: components["schemas"]["UseBody"][];
                /**
                 * Format: int64
                 * @description How many bytes may be downloaded in a day.
                 */
                bytes_per_day?: number | null;
                /** Format: date-time */
                created_at: string;
                /**
                 * Format: int32
                 * @description How many downloads may run at one time.
                 */
                downloads?: number | null;
                effect: components["schemas"]["EffectBody"];
                /**
                 * Format: int32
                 * @description Only in snapshots that are not older.
                 */
                history_days?: number | null;
                /**
                 * @description Only what is this owner's, reached through nothing but what is theirs: `uid:1000`, `name:anna`,
                 *     or on Windows `sid:S-1-5-21-1-2-3-1001`.
                 */
                owner?: string | null;
                /** @description Below which path of the source. */
                path: string;
                /** Format: uuid */
                source: string;
                /** Format: uuid */
                uid: string;
                /** Format: uuid */
                user: string;
            }[];
            /** @description Where the next page begins: give it as `after`. Null on the last page. */
            next?: string | null;
        };
        /** @description A page of a list. */
        ListBody_HoldBody: {
            /** @description In the order of the list. */
            items: {
                /** @description What it is for, and released by. */
                case: string;
                reason: string;
                /** Format: uuid */
                repository: string;
                /** @description restic's id of the snapshot. */
                snapshot: string;
                /**
                 * Format: date-time
                 * @description When it ends by itself; null: when somebody releases it.
                 */
                until?: string | null;
                who: string;
            }[];
            /** @description Where the next page begins: give it as `after`. Null on the last page. */
            next?: string | null;
        };
        /** @description A page of a list. */
        ListBody_JobBody: {
            /** @description In the order of the list. */
            items: {
                /**
                 * Format: uuid
                 * @description The machine that does it; null: the server.
                 */
                agent?: string | null;
                /**
                 * Format: int64
                 * @description How often it was taken, and how often at most.
                 */
                attempt: number;
                /** Format: int64 */
                attempts_max: number;
                /**
                 * Format: date-time
                 * @description When it may begin.
                 */
                available_at: string;
                /** @description Somebody wants it to be given up. */
                cancel_requested: boolean;
                /**
                 * Format: date-time
                 * @description When it may begin no more.
                 */
                closes_at?: string | null;
                /** @description What it has in common with a request, and their logs. */
                correlation?: string | null;
                /** Format: date-time */
                created_at: string;
                created_by: string;
                /** @description `user`, `token`, `agent` or `system`. */
                created_by_kind: string;
                /** Format: date-time */
                ended_at?: string | null;
                kind: components["schemas"]["JobKind"];
                outcome?: components["schemas"]["Outcome"] | null;
                /** @description Somebody wants it to wait. */
                pause_requested: boolean;
                /** Format: uuid */
                plan?: string | null;
                /** Format: int64 */
                plan_version?: number | null;
                progress?: components["schemas"]["Progress"] | null;
                /** Format: uuid */
                repository: string;
                /**
                 * Format: uuid
                 * @description The job that it does again.
                 */
                retry_of?: string | null;
                /**
                 * Format: uuid
                 * @description The run that made it.
                 */
                run?: string | null;
                /** Format: uuid */
                source?: string | null;
                /** @description What is to be done. No secret is in it. */
                spec: components["schemas"]["JobSpec"];
                /** Format: date-time */
                started_at?: string | null;
                state: components["schemas"]["JobState"];
                /** Format: uuid */
                uid: string;
                /**
                 * Format: int64
                 * @description How many jobs it waits for.
                 */
                waits: number;
            }[];
            /** @description Where the next page begins: give it as `after`. Null on the last page. */
            next?: string | null;
        };
        /** @description A page of a list. */
        ListBody_ListedSnapshotBody: {
            /** @description In the order of the list. */
            items: (components["schemas"]["SnapshotBody"] & {
                /** @description The holds that now keep it. */
                holds: components["schemas"]["HoldRefBody"][];
            })[];
            /** @description Where the next page begins: give it as `after`. Null on the last page. */
            next?: string | null;
        };
        /** @description A page of a list. */
        ListBody_LogLineBody: {
            /** @description In the order of the list. */
            items: {
                /** Format: date-time */
                at: string;
                level: components["schemas"]["LogLevel"];
                /**
                 * Format: int64
                 * @description Its place, from 1 on.
                 */
                seq: number;
                text: string;
            }[];
            /** @description Where the next page begins: give it as `after`. Null on the last page. */
            next?: string | null;
        };
        /** @description A page of a list. */
        ListBody_MySourceBody: {
            /** @description In the order of the list. */
            items: {
                /**
                 * Format: date-time
                 * @description When the oldest was taken, and the newest.
                 */
                first_at?: string | null;
                /** @description Its name in snapshots; null: the machine's own. */
                host?: string | null;
                /** Format: date-time */
                last_at?: string | null;
                name: string;
                /** @description Whether it is the asker's own. */
                owner: boolean;
                /**
                 * Format: int64
                 * @description How many snapshots there are.
                 */
                snapshots: number;
                /** Format: uuid */
                uid: string;
                /** @description What may be done somewhere in it. */
                uses: components["schemas"]["UseBody"][];
                /** @description Whether all of it may be seen; else a part. */
                whole: boolean;
            }[];
            /** @description Where the next page begins: give it as `after`. Null on the last page. */
            next?: string | null;
        };
        /** @description A page of a list. */
        ListBody_OrgBody: {
            /** @description In the order of the list. */
            items: {
                /** Format: date-time */
                created_at: string;
                /** @description In URLs and paths. */
                name: string;
                quota: components["schemas"]["QuotaBody"];
                /** @description Whether somebody else has to agree to restores that people ask for. */
                restore_approval: boolean;
                /** @description For people. */
                title: string;
                /** Format: uuid */
                uid: string;
            }[];
            /** @description Where the next page begins: give it as `after`. Null on the last page. */
            next?: string | null;
        };
        /** @description A page of a list. */
        ListBody_PlanBody: {
            /** @description In the order of the list. */
            items: {
                /**
                 * Format: date-time
                 * @description Since when it says so.
                 */
                changed_at: string;
                /** Format: date-time */
                created_at: string;
                /** @description Whether it runs by itself. */
                enabled: boolean;
                name: string;
                spec: components["schemas"]["PlanSpec"];
                /** Format: uuid */
                uid: string;
                /**
                 * Format: int64
                 * @description The number of what it says now; its ETag.
                 */
                version: number;
            }[];
            /** @description Where the next page begins: give it as `after`. Null on the last page. */
            next?: string | null;
        };
        /** @description A page of a list. */
        ListBody_PlanVersionBody: {
            /** @description In the order of the list. */
            items: {
                /**
                 * Format: date-time
                 * @description Since when.
                 */
                at: string;
                /** @description Whose uid, or which part of the server. */
                by: string;
                /** @description `user`, `token` or `system`. */
                by_kind: string;
                enabled: boolean;
                name: string;
                /**
                 * Format: int64
                 * @description The version whose content was brought back.
                 */
                restored_from?: number | null;
                spec: components["schemas"]["PlanSpec"];
                /**
                 * Format: int64
                 * @description From 1 on.
                 */
                version: number;
            }[];
            /** @description Where the next page begins: give it as `after`. Null on the last page. */
            next?: string | null;
        };
        /** @description A page of a list. */
        ListBody_ProviderBody: {
            /** @description In the order of the list. */
            items: {
                /** @description And where it tells that somebody signed out. */
                back_channel_logout_path: string;
                client_id: string;
                /** Format: date-time */
                created_at: string;
                enabled: boolean;
                groups_claim: string;
                has_secret: boolean;
                issuer: string;
                links_email: boolean;
                name: string;
                /**
                 * Format: uuid
                 * @description Null: the installation's.
                 */
                org?: string | null;
                /** @description What to tell the provider: where it sends people back to. */
                redirect_path: string;
                rules: components["schemas"]["RuleBody"][];
                scopes: string[];
                title: string;
                /** Format: uuid */
                uid: string;
            }[];
            /** @description Where the next page begins: give it as `after`. Null on the last page. */
            next?: string | null;
        };
        /** @description A page of a list. */
        ListBody_RepositoryBody: {
            /** @description In the order of the list. */
            items: {
                /** @description `gateway` or `direct`: how agents reach it. */
                agent_route: string;
                /** Format: int64 */
                bytes_max?: number | null;
                /** Format: date-time */
                checked_at?: string | null;
                class: string;
                /** Format: date-time */
                created_at: string;
                /** Format: uuid */
                credential?: string | null;
                /** @description What the last test or refresh found wrong. */
                fault?: string | null;
                /** Format: int64 */
                format: number;
                /** @description In restic's syntax, without any secret. */
                location: string;
                name: string;
                /** Format: date-time */
                refreshed_at?: string | null;
                /** @description restic's own id; empty until somebody makes a repository at the place. */
                restic_id: string;
                state: string;
                /** Format: int64 */
                stored_bytes: number;
                /** Format: uuid */
                uid: string;
                /**
                 * Format: int64
                 * @description Days for which the storage keeps what is written.
                 */
                worm_days?: number | null;
            }[];
            /** @description Where the next page begins: give it as `after`. Null on the last page. */
            next?: string | null;
        };
        /** @description A page of a list. */
        ListBody_RestoreBody: {
            /** @description In the order of the list. */
            items: {
                agent: components["schemas"]["RestoreAgentBody"];
                approval?: components["schemas"]["ApprovalBody"] | null;
                /** @description Who asked. */
                asker: components["schemas"]["RestoreUserBody"];
                check?: components["schemas"]["CheckBody"] | null;
                choices: components["schemas"]["ChoiceBody"][];
                comment: string;
                /** Format: date-time */
                created_at: string;
                /** Format: date-time */
                ended_at?: string | null;
                failure?: components["schemas"]["RestoreFailureBody"] | null;
                /** @description Paths in the snapshot. */
                items: string[];
                on_conflict: components["schemas"]["OnConflictBody"];
                progress?: components["schemas"]["Progress"] | null;
                result?: components["schemas"]["ResultBody"] | null;
                /** @description The snapshot's id. */
                snapshot: string;
                source: components["schemas"]["RestoreSourceBody"];
                state: components["schemas"]["RestoreStateBody"];
                /** Format: date-time */
                taken_at: string;
                target: components["schemas"]["RestoreTarget"];
                /** Format: uuid */
                uid: string;
                undo?: components["schemas"]["UndoBody"] | null;
                /** @description Whether what was replaced can be put back now: it is kept for seven days. */
                undoable: boolean;
                /** @description It would go on if its machine were there. */
                waits_for_agent: boolean;
            }[];
            /** @description Where the next page begins: give it as `after`. Null on the last page. */
            next?: string | null;
        };
        /** @description A page of a list. */
        ListBody_RunBody: {
            /** @description In the order of the list. */
            items: {
                /** @description The name of an event; the run before. */
                cause?: string | null;
                /** Format: date-time */
                created_at: string;
                /**
                 * Format: date-time
                 * @description When the last of its backups ended.
                 */
                ended_at?: string | null;
                /**
                 * Format: date-time
                 * @description The moment that a rule names.
                 */
                nominal_at?: string | null;
                origin: components["schemas"]["OriginBody"];
                /** Format: uuid */
                plan: string;
                /** Format: uuid */
                uid: string;
                what: components["schemas"]["WhatBody"];
            }[];
            /** @description Where the next page begins: give it as `after`. Null on the last page. */
            next?: string | null;
        };
        /** @description A page of a list. */
        ListBody_SessionBody: {
            /** @description In the order of the list. */
            items: {
                /** @description From where it was begun. */
                address?: string | null;
                /** Format: date-time */
                created_at: string;
                /** @description Whether it is the one that asks. */
                current: boolean;
                /** Format: date-time */
                expires_at: string;
                /**
                 * Format: date-time
                 * @description When it ends if it is not used.
                 */
                idle_expires_at: string;
                /**
                 * Format: uuid
                 * @description The provider that vouches for it.
                 */
                provider?: string | null;
                /**
                 * Format: date-time
                 * @description To the minute.
                 */
                seen_at: string;
                /** Format: uuid */
                uid: string;
                /** @description What the browser calls itself. */
                user_agent: string;
            }[];
            /** @description Where the next page begins: give it as `after`. Null on the last page. */
            next?: string | null;
        };
        /** @description A page of a list. */
        ListBody_SourceBody: {
            /** @description In the order of the list. */
            items: {
                /**
                 * Format: uuid
                 * @description The machine.
                 */
                agent: string;
                /** Format: date-time */
                created_at: string;
                /** @description Its name in snapshots; null: the machine's own. */
                host?: string | null;
                name: string;
                /**
                 * Format: uuid
                 * @description Who sees its snapshots without a grant.
                 */
                owner?: string | null;
                paths: string[];
                /** @description Whether somebody else has to agree to restores of it. */
                restore_approval: boolean;
                /** Format: uuid */
                uid: string;
                visibility: components["schemas"]["VisibilityBody"];
            }[];
            /** @description Where the next page begins: give it as `after`. Null on the last page. */
            next?: string | null;
        };
        /** @description A page of a list. */
        ListBody_StorageCredentialBody: {
            /** @description In the order of the list. */
            items: {
                /** Format: date-time */
                created_at: string;
                /** @description `s3`, `sftp` or `rest`. */
                kind: string;
                name: string;
                /** @description What of it is no secret, by the names of the credential's own fields. */
                public: unknown;
                /** Format: uuid */
                uid: string;
            }[];
            /** @description Where the next page begins: give it as `after`. Null on the last page. */
            next?: string | null;
        };
        /** @description A page of a list. */
        ListBody_TokenBody: {
            /** @description In the order of the list. */
            items: {
                /** Format: date-time */
                created_at: string;
                /** Format: date-time */
                expires_at: string;
                /** @description What it is for. */
                name: string;
                /** @description Its first characters. */
                prefix: string;
                /** @description What it may be used for: a part of what its owner may. */
                scopes: string[];
                /** Format: uuid */
                uid: string;
                /**
                 * Format: date-time
                 * @description To the minute.
                 */
                used_at?: string | null;
                /** Format: uuid */
                user: string;
            }[];
            /** @description Where the next page begins: give it as `after`. Null on the last page. */
            next?: string | null;
        };
        /** @description A page of a list. */
        ListBody_UserBody: {
            /** @description In the order of the list. */
            items: {
                /** Format: date-time */
                created_at: string;
                /** @description Whether they are kept out. */
                disabled: boolean;
                /** @description What they sign in with. */
                email: string;
                /** @description Whether they have a password here. */
                has_password: boolean;
                /** @description Whether they are asked for a second factor here. */
                has_totp: boolean;
                name: string;
                /**
                 * Format: uuid
                 * @description Null: they run the installation.
                 */
                org?: string | null;
                /**
                 * Format: uuid
                 * @description The provider whose groups decide the role.
                 */
                provider?: string | null;
                role: components["schemas"]["RoleBody"];
                /** Format: date-time */
                signed_in_at?: string | null;
                /** Format: uuid */
                uid: string;
            }[];
            /** @description Where the next page begins: give it as `after`. Null on the last page. */
            next?: string | null;
        };
        /** @description A snapshot in a list. */
        ListedSnapshotBody: components["schemas"]["SnapshotBody"] & {
            /** @description The holds that now keep it. */
            holds: components["schemas"]["HoldRefBody"][];
        };
        /**
         * @description How much a line of a log matters.
         * @enum {string}
         */
        LogLevel: "debug" | "info" | "warn" | "error";
        /** @description A line of a job's log. */
        LogLineBody: {
            /** Format: date-time */
            at: string;
            level: components["schemas"]["LogLevel"];
            /**
             * Format: int64
             * @description Its place, from 1 on.
             */
            seq: number;
            text: string;
        };
        /** @description A program that waits to be let in. */
        LoginRequestBody: {
            /** @description Where it asked from. */
            address?: string | null;
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            expires_at: string;
            /** @description What it calls itself: anybody can call a program anything. */
            name: string;
            /** @description What it may do when it is let in. */
            scopes: string[];
        };
        /** @description A provider's message that somebody signed out. */
        LogoutForm: {
            logout_token: string;
        };
        /** @description A code that a program shows. */
        LookBody: {
            code: string;
        };
        /** @description A new token: this answer is the only place where it is. */
        MadeEnrolmentTokenBody: components["schemas"]["EnrolmentTokenBody"] & {
            /** @description What to give to `bygone agent enrol`. */
            secret: string;
        };
        /** @description A gateway credential that was just made: its password is shown now and never again. */
        MadeGatewayCredentialBody: components["schemas"]["GatewayCredentialBody"] & {
            /** @description `RESTIC_REST_PASSWORD`. */
            password: string;
            /** @description The path of the repository's URL: `rest:https://SERVER` and this. */
            path: string;
        };
        /** @description A key that was just made. */
        MadeKeyBody: components["schemas"]["KeyBody"] & {
            /** @description What opens it, of a key for recovery: shown now and never again. */
            password?: string | null;
        };
        /** @description What a program waits with. */
        MadeLoginRequestBody: {
            /** @description For its person, who types it at `/let-in`: `BCDF-GHJK`. */
            code: string;
            /** Format: date-time */
            expires_at: string;
            /**
             * Format: int32
             * @description Seconds to wait before asking, and again after each answer.
             */
            interval_seconds: number;
            /** @description Where the code is typed, below this server's address. */
            path: string;
            /** @description For the program alone: it asks with it whether it was let in. */
            secret: string;
        };
        /** @description A token that was just made: it is in this answer and nowhere else. */
        MadeTokenBody: {
            /** @description Send it as `Authorization: Bearer`. */
            secret: string;
            token: components["schemas"]["TokenBody"];
        };
        /** @description Oneself. */
        MeBody: {
            /** @description With what one asks: `session` or `token`. */
            by: string;
            /** @description What the token may be used for; null for a session. */
            scopes?: string[] | null;
            /**
             * Format: date-time
             * @description Until then nothing asks for the second factor again.
             */
            step_up_until?: string | null;
            user: components["schemas"]["UserBody"];
        };
        /** @description What is to change. */
        MeChangeBody: {
            name?: string | null;
        };
        /** @description A repository that is mirrored to another. */
        MirrorBody: {
            /** Format: uuid */
            from: string;
            /**
             * Format: date-time
             * @description When the newest of them first was.
             */
            last_at: string;
            /**
             * Format: int64
             * @description How many snapshots were ever mirrored.
             */
            snapshots: number;
            /** Format: uuid */
            to: string;
        };
        /** @description Mirroring a repository's files. */
        MirrorSpec: {
            /** @description Deletes at the mirror what is gone here, after all else was copied; not when too much is gone. */
            delete?: boolean;
            /** @description From here. */
            from: components["schemas"]["RepositoryUid"];
            /** @description To there: a place without a repository, or one that is a mirror already. */
            to: components["schemas"]["RepositoryUid"];
        };
        /** @description Which repositories are mirrored where. */
        MirrorsBody: {
            items: components["schemas"]["MirrorBody"][];
        };
        /** @description What becomes of runs that were missed. */
        Missed: "once" | "skip" | {
            /**
             * Format: int32
             * @description Each is made up for, the newest so many.
             */
            all: number;
        };
        /** @description A day of the month. */
        MonthDay: {
            /**
             * Format: int32
             * @description 1 to 31; in a month that is shorter, its last day.
             */
            day: number;
        } | "last" | {
            /** @description Such a day of the week, counted within the month. */
            weekday: {
                /** @description The day. */
                day: components["schemas"]["Day"];
                /** @description Which one of them. */
                nth: components["schemas"]["Nth"];
            };
        };
        /** @description A source as the asker sees it. */
        MySourceBody: {
            /**
             * Format: date-time
             * @description When the oldest was taken, and the newest.
             */
            first_at?: string | null;
            /** @description Its name in snapshots; null: the machine's own. */
            host?: string | null;
            /** Format: date-time */
            last_at?: string | null;
            name: string;
            /** @description Whether it is the asker's own. */
            owner: boolean;
            /**
             * Format: int64
             * @description How many snapshots there are.
             */
            snapshots: number;
            /** Format: uuid */
            uid: string;
            /** @description What may be done somewhere in it. */
            uses: components["schemas"]["UseBody"][];
            /** @description Whether all of it may be seen; else a part. */
            whole: boolean;
        };
        /** @description A name in an answer. */
        NameBody: {
            name: string;
            /** @description Its bytes in base64, where it is not UTF-8. */
            name_base64?: string | null;
        };
        /** @description What a new token is for. */
        NewEnrolmentTokenBody: {
            /**
             * Format: int32
             * @description For how long it can be used, once: a day unless told otherwise, 30 days at most.
             */
            lasts_seconds?: number;
            note?: string;
        };
        /** @description A new gateway credential. */
        NewGatewayCredentialBody: {
            /** @description `read-only`, `append-only` or `full`; `append-only` if not said. */
            access?: string | null;
            /**
             * Format: uuid
             * @description The agent that it is for: it ends with the agent.
             */
            agent?: string | null;
            /** Format: date-time */
            expires_at?: string | null;
            name: string;
            /**
             * Format: uuid
             * @description The person that it is for: it is good while they may sign in.
             */
            user?: string | null;
        };
        /** @description A new grant. */
        NewGrantBody: {
            actions: components["schemas"]["UseBody"][];
            /**
             * Format: int64
             * @description How many bytes may be downloaded in a day.
             */
            bytes_per_day?: number | null;
            /**
             * Format: int32
             * @description How many downloads may run at one time.
             */
            downloads?: number | null;
            effect: components["schemas"]["EffectBody"];
            /**
             * Format: int32
             * @description Only in snapshots that are not older.
             */
            history_days?: number | null;
            /**
             * @description Only what is this owner's, reached through nothing but what is theirs: `uid:1000`, `name:anna`,
             *     or on Windows `sid:S-1-5-21-1-2-3-1001`.
             */
            owner?: string | null;
            /** @description Absolute; `/` is everything. */
            path: string;
            /**
             * Format: uuid
             * @description A source of the organization.
             */
            source: string;
            /**
             * Format: uuid
             * @description A person of the organization.
             */
            user: string;
        };
        /** @description A new hold. */
        NewHoldBody: {
            /** @description What it is for; one of the same case is replaced. */
            case: string;
            /** @description Why. */
            reason: string;
            /**
             * Format: date-time
             * @description When it ends by itself.
             */
            until?: string | null;
        };
        /** @description A new job that no plan makes: a restore, or work of the server on a repository. */
        NewJobBody: {
            /**
             * Format: uuid
             * @description The machine that restores.
             */
            agent?: string | null;
            spec: components["schemas"]["JobSpec"];
        };
        /** @description A new key. */
        NewKeyBody: {
            /** @description For which machine. */
            host?: string | null;
            /** @enum {string} */
            kind: "password";
            password: string;
            /** @description Whom it is for. */
            user: string;
        } | {
            /** @description For which machine. */
            host?: string | null;
            /** @enum {string} */
            kind: "recovery";
            /** @description Whom it is for; `recovery` if not said. */
            user?: string | null;
        };
        /** @description A program that wants to be let in. */
        NewLoginRequestBody: {
            /** @description What it calls itself, for whoever confirms: `bygone on laptop`. */
            name: string;
        };
        /** @description A new organization. */
        NewOrgBody: {
            /** @description Lower-case letters, digits and hyphens. */
            name: string;
            quota?: components["schemas"]["QuotaBody"];
            title: string;
        };
        /** @description What a plan is made of, or becomes. */
        NewPlanBody: {
            /** @description Whether it runs by itself. */
            enabled?: boolean;
            name: string;
            spec: components["schemas"]["PlanSpec"];
        };
        /** @description A new repository. */
        NewRepositoryBody: {
            /** @description `gateway` or `direct`; `gateway` if not said. `direct` tells every agent that has a job there what opens the storage. */
            agent_route?: string | null;
            /** @description `create` makes one, `adopt` takes one that is there, `later` leaves it to restic's `init` through the gateway. */
            begin: components["schemas"]["Begin"];
            /** Format: int64 */
            bytes_max?: number | null;
            /** @description `hot`, `warm` or `cold`; `hot` if not said. */
            class?: string | null;
            /** Format: uuid */
            credential?: string | null;
            /**
             * Format: int32
             * @description restic's format version, of one that is made: 1 or 2.
             */
            format?: number | null;
            /** @description In restic's syntax, without user and password. Not said: a folder of the server. */
            location?: string | null;
            /** @description Lower-case letters, digits and hyphens: part of the gateway's URL. */
            name: string;
            /** @description What opens the repository. */
            password: string;
        };
        /** @description What is to be put back, and where. */
        NewRestoreBody: {
            /**
             * Format: uuid
             * @description The machine; the source's own if not said.
             */
            agent?: string | null;
            /** @description A time, the beginning of a snapshot's id, or `latest`, which it is if nothing is said. */
            at?: string | null;
            /** @description Other rules for single paths. */
            choices?: components["schemas"]["ChoiceBody"][];
            /** @description Why. */
            comment?: string;
            /** @description Only thinks it through: nothing is written, and it may be begun later. */
            dry_run?: boolean;
            /** @description What of it: all of one snapshot. */
            items: components["schemas"]["RestoreItemBody"][];
            /** @description `keep_both` if not said. */
            on_conflict?: components["schemas"]["OnConflictBody"];
            /**
             * Format: uuid
             * @description Of which source.
             */
            source: string;
            /** @description Where on it; a new folder if not said. */
            target?: components["schemas"]["RestoreTarget"];
        };
        /** @description A place that is to be shared. */
        NewSharedPlaceBody: {
            /** @description A time, and the newest snapshot taken then or before is meant; or the beginning of a snapshot's id; or `latest`. */
            at?: string | null;
            path?: string | null;
            /** @description The same in base64, where it is not UTF-8. */
            path_base64?: string | null;
            /** @description What a page shows there, as the page says it. */
            shown?: string;
            /** Format: uuid */
            source: string;
        };
        /** @description What a source is made of, or becomes. */
        NewSourceBody: {
            /**
             * Format: uuid
             * @description The machine: it cannot be changed.
             */
            agent: string;
            /** @description Its name in snapshots; null: the machine's own. */
            host?: string | null;
            name: string;
            /**
             * Format: uuid
             * @description Who sees its snapshots without a grant.
             */
            owner?: string | null;
            /** @description Files and folders, absolute. */
            paths: string[];
            /** @description Whether somebody else has to agree to restores of it. */
            restore_approval?: boolean;
            /** @description Who finds it in the portal; `granted` if not said. */
            visibility?: components["schemas"]["VisibilityBody"];
        };
        /** @description A new storage credential, or another in its place. */
        NewStorageCredentialBody: {
            /** @description Lower-case letters, digits and hyphens. */
            name: string;
            secret: components["schemas"]["StorageSecret"];
        };
        /** @description What a ticket is for. */
        NewTicketBody: {
            /** @description As what it is sent. */
            as: components["schemas"]["FormBody"];
            /** @description What of it. */
            items: components["schemas"]["ItemBody"][];
            /** @description What it is saved as; by the file or folder if not said. */
            name?: string | null;
            /** @description Whether only the address that asks now may redeem it. */
            only_from_here?: boolean;
            /** @description Of which source. */
            source: string;
        };
        /** @description A new token. */
        NewTokenBody: {
            /**
             * Format: date-time
             * @description A year from now at the latest; in 90 days if not said.
             */
            expires_at?: string | null;
            name: string;
            /**
             * @description `kind:verb`, as in `plans:read` or `*:run`; verbs are read, write, delete, run and export. With `unattended`, what
             *     asks people for the second factor again is done without.
             */
            scopes: string[];
        };
        /** @description A new person. They get a link to choose a password, or come through a provider. */
        NewUserBody: {
            email: string;
            name: string;
            role: components["schemas"]["RoleBody"];
        };
        /** @description A run that is to come. */
        NextRunBody: {
            /**
             * Format: date-time
             * @description When it may begin no more: its window's end.
             */
            closes_at?: string | null;
            /**
             * Format: date-time
             * @description When it begins: later by the jitter, which is the same on every replica.
             */
            due_at: string;
            /**
             * Format: date-time
             * @description The moment that a rule names.
             */
            nominal_at: string;
            what: components["schemas"]["WhatBody"];
        };
        /** @description Runs that are to come. */
        NextRunsBody: {
            /** @description In order. */
            items: components["schemas"]["NextRunBody"][];
        };
        /**
         * @description Which of the days of a month that have one name.
         * @enum {string}
         */
        Nth: "first" | "second" | "third" | "fourth" | "last";
        /**
         * @description What happens where something is already: it stays, and the snapshot's is put beside it; it is replaced, and kept in a
         *     safety folder; it stays; it is replaced if it is older; nothing is done at all, and what is in the way is named.
         * @enum {string}
         */
        OnConflictBody: "keep_both" | "replace" | "skip" | "if_newer" | "ask";
        /**
         * @description What becomes of a job whose hook fails.
         * @enum {string}
         */
        OnHookFailure: "fail" | "go_on";
        /** @description A provider to sign in with. */
        OpenProviderBody: {
            name: string;
            title: string;
            /** Format: uuid */
            uid: string;
        };
        /** @description An organization. */
        OrgBody: {
            /** Format: date-time */
            created_at: string;
            /** @description In URLs and paths. */
            name: string;
            quota: components["schemas"]["QuotaBody"];
            /** @description Whether somebody else has to agree to restores that people ask for. */
            restore_approval: boolean;
            /** @description For people. */
            title: string;
            /** Format: uuid */
            uid: string;
        };
        /** @description What is to change; what is not said stays. */
        OrgChangeBody: {
            quota?: components["schemas"]["QuotaBody"] | null;
            /** @description Whether somebody else has to agree to restores that people ask for. */
            restore_approval?: boolean | null;
            title?: string | null;
        };
        /**
         * @description What asked for a run.
         * @enum {string}
         */
        OriginBody: "schedule" | "manual" | "event" | "after";
        /** @description What a job ended with, as whoever did it tells. */
        Outcome: (components["schemas"]["Done"] & {
            /** @enum {string} */
            outcome: "succeeded";
        }) | (components["schemas"]["Done"] & {
            /** @enum {string} */
            outcome: "partial";
        }) | (components["schemas"]["Failure"] & {
            /** @enum {string} */
            outcome: "failed";
        }) | {
            /** @enum {string} */
            outcome: "cancelled";
        };
        /** @description The account that an agent runs as. */
        OwnerBody: {
            /** Format: int32 */
            gid?: number | null;
            name: string;
            /** @description On Windows. */
            sid?: string | null;
            /** Format: int32 */
            uid?: number | null;
        };
        /** @description A new password. */
        PasswordBody: {
            /** Format: password */
            new_password: string;
            /**
             * Format: password
             * @description From who has one.
             */
            old_password?: string | null;
        };
        /** @description A path in an answer. */
        PathBody: {
            path: string;
            /** @description Its bytes in base64, where it is not UTF-8. */
            path_base64?: string | null;
        };
        Period: string;
        /**
         * @description What a job is at.
         * @enum {string}
         */
        Phase: "preparing" | "hooks" | "scanning" | "working" | "finishing";
        /** @description A place that is to be looked at. */
        PlaceBody: {
            /** Format: uuid */
            credential?: string | null;
            location: string;
            /** @description Tried on the repository that is there. */
            password?: string | null;
        };
        /** @description A plan. */
        PlanBody: {
            /**
             * Format: date-time
             * @description Since when it says so.
             */
            changed_at: string;
            /** Format: date-time */
            created_at: string;
            /** @description Whether it runs by itself. */
            enabled: boolean;
            name: string;
            spec: components["schemas"]["PlanSpec"];
            /** Format: uuid */
            uid: string;
            /**
             * Format: int64
             * @description The number of what it says now; its ETag.
             */
            version: number;
        };
        /** @description Something that happened elsewhere. */
        PlanEventBody: {
            /** @description As plans name it. */
            event: string;
        };
        /** @description A plan that is not kept yet. */
        PlanPreviewBody: {
            spec: components["schemas"]["PlanSpec"];
        };
        /** @description A plan that has a source. */
        PlanRefBody: {
            /** @description Whether it runs by itself. */
            enabled: boolean;
            name: string;
            /** Format: uuid */
            uid: string;
        };
        /** @description What to capture, when, how long to keep it. */
        PlanSpec: {
            /** @description Plans whose end sets it going. */
            after?: components["schemas"]["AfterPlan"][];
            /**
             * Format: int32
             * @description How often a run is tried at most.
             */
            attempts_max?: number;
            /** @description How it is captured. */
            capture?: components["schemas"]["CaptureOptions"];
            /** @description Plans that must not be running, or must have succeeded, when a job of this one begins. */
            depends_on?: components["schemas"]["Dependency"][];
            /** @description Names of events of the API that set it going. */
            events?: string[];
            /** @description Commands around the capture. */
            hooks?: components["schemas"]["Hook"][];
            /** @description How much of the machine it may use. */
            limits?: components["schemas"]["Limits"];
            prune?: components["schemas"]["Schedule"] | null;
            /** @description Where snapshots go: the first is written by agents; the others as `repository_mode` says. */
            repositories: components["schemas"]["RepositoryUid"][];
            /** @description How more than one repository is filled. */
            repository_mode?: components["schemas"]["RepositoryMode"];
            retention?: components["schemas"]["RetentionPolicy"] | null;
            schedule?: components["schemas"]["Schedule"] | null;
            /** @description What is protected: one job for each. */
            sources: components["schemas"]["SourceUid"][];
            /** @description Where the storage should keep what is written. The colder one of it and the repository's own counts. */
            storage_class?: components["schemas"]["StorageClass"];
            /** @description Labels of its snapshots, beside `plan:<uid>`. */
            tags?: string[];
            verify?: components["schemas"]["VerifyRule"] | null;
            /** @description Who sees its sources in the portal, if their own visibility shows them to more. */
            visibility?: components["schemas"]["Visibility"];
        };
        /**
         * Format: uuid
         * @description What to capture, when, how long to keep it.
         */
        PlanUid: string;
        /** @description One content that a plan had. */
        PlanVersionBody: {
            /**
             * Format: date-time
             * @description Since when.
             */
            at: string;
            /** @description Whose uid, or which part of the server. */
            by: string;
            /** @description `user`, `token` or `system`. */
            by_kind: string;
            enabled: boolean;
            name: string;
            /**
             * Format: int64
             * @description The version whose content was brought back.
             */
            restored_from?: number | null;
            spec: components["schemas"]["PlanSpec"];
            /**
             * Format: int64
             * @description From 1 on.
             */
            version: number;
        };
        /** @description What will become of one file or folder. */
        PlannedEntry: {
            /** @description `create`, `replace`, `create-beside`, `renew`, `skip` or `conflict`. */
            action: string;
            /**
             * Format: int64
             * @description Bytes of its content.
             */
            bytes: number;
            /** @description What it is: `file`, `dir`, `symlink` and so on. */
            kind: string;
            /** @description Its path below the target. */
            path: string;
        };
        /** @description A snapshot on the timeline, or several of one time. */
        PointBody: {
            /** Format: int64 */
            bytes?: number | null;
            changes?: components["schemas"]["DiffCountsBody"] | null;
            /**
             * Format: int64
             * @description Files in it and their bytes, where its writer counted and all of it may be seen.
             */
            files?: number | null;
            /** @description Whether a hold keeps it, or one of several; null: holds are not for the asker to see. */
            held?: boolean | null;
            /** @description restic's id of the newest. */
            id: string;
            /**
             * Format: date-time
             * @description Until when storage keeps what was written with it from being removed by anybody, as its repository's rule says; of
             *     several, the last. Not there where nothing is kept so any more. What it shares with older snapshots becomes free
             *     with them, unless `bygone worm extend` prolongs that.
             */
            locked_until?: string | null;
            /** @description How many snapshots the point stands for. */
            snapshots: number;
            /**
             * Format: date-time
             * @description When it was taken.
             */
            taken_at: string;
            /**
             * Format: int64
             * @description The source's offset from UTC then, in seconds.
             */
            utc_offset: number;
        };
        /** @description A problem: what every error of the API looks like. */
        Problem: {
            /** @description For programs. */
            code: components["schemas"]["ProblemCode"];
            /** @description Which field of the request it is about. */
            field?: string | null;
            /**
             * Format: int32
             * @description The HTTP status.
             */
            status: number;
            /** @description For people. */
            title: string;
            /** @description Always `about:blank`: the code says which it is. */
            type: string;
        };
        /**
         * @description What kind of problem it is. The code is a promise: it does not change within `/api/v1`.
         * @enum {string}
         */
        ProblemCode: "malformed" | "invalid" | "unauthenticated" | "certificate_refused" | "token_unknown" | "token_expired" | "token_used" | "token_revoked" | "protocol_version" | "lease_lost" | "forbidden" | "second_factor_required" | "step_up_required" | "not_found" | "gone" | "method_not_allowed" | "conflict" | "precondition_failed" | "precondition_required" | "too_large" | "unsupported_type" | "quota_exceeded" | "too_many_requests" | "internal" | "storage_failed" | "unavailable";
        /** @description How far a job is. Totals are none as long as nobody knows them. */
        Progress: {
            /**
             * Format: int64
             * @description Bytes that were new.
             * @default 0
             */
            bytes_added: number;
            /**
             * Format: int64
             * @description Bytes that are done.
             * @default 0
             */
            bytes_done: number;
            /**
             * Format: int64
             * @description Of how many.
             * @default null
             */
            bytes_total: number | null;
            /**
             * Format: int64
             * @description Files, snapshots or packs that are done.
             * @default 0
             */
            items_done: number;
            /**
             * Format: int64
             * @description Of how many.
             * @default null
             */
            items_total: number | null;
            /**
             * @description What it is at.
             * @default preparing
             */
            phase: components["schemas"]["Phase"];
            /**
             * Format: int64
             * @description What could not be read or written so far.
             * @default 0
             */
            problems: number;
        };
        /** @description How well everything is protected. */
        ProtectionBody: {
            /** @description By name. */
            sources: components["schemas"]["SourceProtectionBody"][];
            /** @description By name. */
            verified: components["schemas"]["VerifiedBody"][];
        };
        /** @description A provider, without its secret. */
        ProviderBody: {
            /** @description And where it tells that somebody signed out. */
            back_channel_logout_path: string;
            client_id: string;
            /** Format: date-time */
            created_at: string;
            enabled: boolean;
            groups_claim: string;
            has_secret: boolean;
            issuer: string;
            links_email: boolean;
            name: string;
            /**
             * Format: uuid
             * @description Null: the installation's.
             */
            org?: string | null;
            /** @description What to tell the provider: where it sends people back to. */
            redirect_path: string;
            rules: components["schemas"]["RuleBody"][];
            scopes: string[];
            title: string;
            /** Format: uuid */
            uid: string;
        };
        /** @description What a provider is and does. */
        ProviderSettingsBody: {
            client_id: string;
            /**
             * Format: password
             * @description Null on a change: stays as it is.
             */
            client_secret?: string | null;
            enabled?: boolean;
            /** @description The claim that lists groups. */
            groups_claim?: string;
            /** @description The URL below which it describes itself; of https. */
            issuer: string;
            /** @description Whether somebody known here by the address it has verified is the same person. */
            links_email?: boolean;
            /** @description In URLs: lower-case letters, digits and hyphens. */
            name: string;
            rules: components["schemas"]["RuleBody"][];
            /** @description What it is asked for beside `openid`. With `offline_access` it is asked again, every few minutes, whether a session stands. */
            scopes?: string[];
            /** @description For people. */
            title: string;
        };
        /** @description Pruning, in two phases: what is marked now goes after the grace. */
        PruneSpec: {
            /** @description Says what would be done, and does nothing. */
            dry_run?: boolean;
            /**
             * Format: int32
             * @description Hours between marking and removing.
             */
            grace_hours?: number;
            /**
             * Format: int64
             * @description Bytes that are moved to new packs at most; no limit when there is none.
             */
            max_repack_bytes?: number | null;
            /**
             * Format: int32
             * @description Percent of a repository that may stay unused.
             */
            max_unused_percent?: number;
            /** @description Where. */
            repository: components["schemas"]["RepositoryUid"];
        };
        /** @description What an organization may use; null: as much as there is. */
        QuotaBody: {
            /**
             * Format: int64
             * @description Agents.
             * @default null
             */
            agents_max: number | null;
            /**
             * Format: int64
             * @description Bytes in all of its repositories.
             * @default null
             */
            bytes_max: number | null;
            /**
             * Format: int64
             * @description Jobs at one time.
             * @default null
             */
            jobs_max: number | null;
        };
        /** @description Whom an escrow is for. */
        RecipientBody: {
            /** @description An age recipient: `age1…`. */
            recipient: string;
        };
        /** @description Recovery codes: each stands in for the second factor once. Shown once. */
        RecoveryBody: {
            recovery_codes: string[];
        };
        /** @description With what a program waits. */
        RedeemBody: {
            secret: string;
        };
        /** @description What became of a request. */
        RedeemedBody: {
            /** @description The token itself: this is the only time that it is shown. */
            secret?: string | null;
            token?: components["schemas"]["TokenBody"] | null;
        };
        /** @description What a refresh found. */
        RefreshedBody: {
            /** @description Ids of snapshots that were not known. */
            added: string[];
            /** @description Ids of snapshots that are gone. */
            removed: string[];
            /**
             * Format: int64
             * @description Snapshots in all.
             */
            total: number;
        };
        /** @description The report of a restore. */
        ReportBody: {
            /** @description What was not there already, conflicts first. */
            entries: components["schemas"]["ReportEntryBody"][];
            /**
             * Format: int64
             * @description How many are not told as the asker may not see them.
             */
            entries_hidden: number;
            /**
             * Format: int64
             * @description How many more there are.
             */
            entries_untold: number;
            /** @description The folder of the snapshot whose entries go there. */
            folder: string;
            of: components["schemas"]["ReportOf"];
            problems: components["schemas"]["ReportProblemBody"][];
            /**
             * Format: int64
             * @description How many are not told as the asker may not see where they are.
             */
            problems_hidden: number;
            /** @description The folder that everything is in, or would be. */
            target: string;
        };
        /** @description What was planned for one entry. */
        ReportEntryBody: {
            /** @description `create`, `replace`, `create-beside`, `renew`, `skip` or `conflict`. */
            action: string;
            /** Format: int64 */
            bytes: number;
            /** @description Its path in the snapshot. Of what is put beside something: as it is called there. */
            item: string;
            /** @description `file`, `dir`, `symlink` and so on. */
            kind: string;
            /** @description Its path below the target. */
            path: string;
        };
        /**
         * @description Of what a report is.
         * @enum {string}
         */
        ReportOf: "check" | "result";
        /** @description What could not be restored. */
        ReportProblemBody: {
            /** @description Its path below the target. */
            path: string;
            why: string;
        };
        /** @description A repository. */
        RepositoryBody: {
            /** @description `gateway` or `direct`: how agents reach it. */
            agent_route: string;
            /** Format: int64 */
            bytes_max?: number | null;
            /** Format: date-time */
            checked_at?: string | null;
            class: string;
            /** Format: date-time */
            created_at: string;
            /** Format: uuid */
            credential?: string | null;
            /** @description What the last test or refresh found wrong. */
            fault?: string | null;
            /** Format: int64 */
            format: number;
            /** @description In restic's syntax, without any secret. */
            location: string;
            name: string;
            /** Format: date-time */
            refreshed_at?: string | null;
            /** @description restic's own id; empty until somebody makes a repository at the place. */
            restic_id: string;
            state: string;
            /** Format: int64 */
            stored_bytes: number;
            /** Format: uuid */
            uid: string;
            /**
             * Format: int64
             * @description Days for which the storage keeps what is written.
             */
            worm_days?: number | null;
        };
        /** @description What is to change; what is not said stays. */
        RepositoryChangeBody: {
            /** @description `gateway` or `direct`. */
            agent_route?: string | null;
            /** Format: int64 */
            bytes_max?: number | null;
            class?: string | null;
            /** Format: uuid */
            credential?: string | null;
            name?: string | null;
            /** @description The repository's password, when it was changed elsewhere. */
            password?: string | null;
            /** @description `ready` or `paused`. */
            state?: string | null;
        };
        /**
         * @description How more than one repository is filled.
         * @enum {string}
         */
        RepositoryMode: "sequential" | "copy";
        /**
         * Format: uuid
         * @description A repository, as our database knows it; restic's own id is `RepositoryId`.
         */
        RepositoryUid: string;
        /** @description A machine of a restore. */
        RestoreAgentBody: {
            name?: string | null;
            /** @description Whether it was heard of lately. */
            online: boolean;
            /** Format: uuid */
            uid: string;
        };
        /** @description A restore. */
        RestoreBody: {
            agent: components["schemas"]["RestoreAgentBody"];
            approval?: components["schemas"]["ApprovalBody"] | null;
            /** @description Who asked. */
            asker: components["schemas"]["RestoreUserBody"];
            check?: components["schemas"]["CheckBody"] | null;
            choices: components["schemas"]["ChoiceBody"][];
            comment: string;
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            ended_at?: string | null;
            failure?: components["schemas"]["RestoreFailureBody"] | null;
            /** @description Paths in the snapshot. */
            items: string[];
            on_conflict: components["schemas"]["OnConflictBody"];
            progress?: components["schemas"]["Progress"] | null;
            result?: components["schemas"]["ResultBody"] | null;
            /** @description The snapshot's id. */
            snapshot: string;
            source: components["schemas"]["RestoreSourceBody"];
            state: components["schemas"]["RestoreStateBody"];
            /** Format: date-time */
            taken_at: string;
            target: components["schemas"]["RestoreTarget"];
            /** Format: uuid */
            uid: string;
            undo?: components["schemas"]["UndoBody"] | null;
            /** @description Whether what was replaced can be put back now: it is kept for seven days. */
            undoable: boolean;
            /** @description It would go on if its machine were there. */
            waits_for_agent: boolean;
        };
        /** @description What a restore does about one thing that is in the way. */
        RestoreChoice: {
            /** @description Its path in the snapshot, written as those of the restore are. */
            path: string;
            /** @description What is done. */
            rule: components["schemas"]["ConflictRule"];
        };
        /** @description Why a restore failed; or why its last attempt did, if it is tried again. */
        RestoreFailureBody: {
            /** @description For programs: as in outcomes of jobs. */
            code: components["schemas"]["FailureCode"];
            /** @description For people. */
            text: string;
        };
        /** @description A file or folder to put back. */
        RestoreItemBody: {
            /** @description A time, the beginning of a snapshot's id, or `latest`; as the whole restore says if not said. */
            at?: string | null;
            /** @description Where it lies. */
            path?: string | null;
            /** @description The same in base64. */
            path_base64?: string | null;
        };
        /** @description A restore, thought through before the first byte is written. */
        RestorePlan: {
            /**
             * Format: int64
             * @description Files to put beside others.
             * @default 0
             */
            beside: number;
            /**
             * Format: int64
             * @description Bytes to write.
             * @default 0
             */
            bytes: number;
            /**
             * Format: int64
             * @description Bytes to fetch for them.
             * @default 0
             */
            bytes_fetched: number;
            /**
             * Format: int64
             * @description Bytes that are free where they go, if the system tells.
             * @default null
             */
            bytes_free: number | null;
            /**
             * Format: int64
             * @description What is in the way and may not be touched.
             * @default 0
             */
            conflict: number;
            /**
             * Format: int64
             * @description Files to make where nothing is.
             * @default 0
             */
            create: number;
            /**
             * @description The entries that are not as in the snapshot already, conflicts first.
             * @default []
             */
            entries: components["schemas"]["PlannedEntry"][];
            /**
             * Format: int64
             * @description How many more there are.
             * @default 0
             */
            entries_untold: number;
            /**
             * Format: int64
             * @description What cannot be restored at all.
             * @default 0
             */
            errors: number;
            /**
             * Format: int64
             * @description Folders to make.
             * @default 0
             */
            folders: number;
            /**
             * Format: int64
             * @description Files to put in place of others.
             * @default 0
             */
            replace: number;
            /**
             * Format: int64
             * @description Files that the conflict rule leaves as they are.
             * @default 0
             */
            skip: number;
            /**
             * Format: int64
             * @description Files that are as in the snapshot.
             * @default 0
             */
            unchanged: number;
        };
        /** @description What could not be restored, and why. */
        RestoreProblem: {
            /** @description Its path below the target. */
            path: string;
            /** @description Why. */
            why: string;
        };
        /** @description What may be put back, or may not, at and below a path of the snapshot: a rule of [`access`](crate::access). */
        RestoreRule: {
            /** @description Whether it gives; else it takes. */
            gives: boolean;
            /** @description Only what is this owner's: `uid:1000` or `name:anna`. */
            owner?: string | null;
            /** @description Its path in the snapshot. */
            path: string;
        };
        /** @description A source of a restore. */
        RestoreSourceBody: {
            /** @description Null: it is not there any more. */
            name?: string | null;
            /** Format: uuid */
            uid: string;
        };
        /** @description A restore to a machine. */
        RestoreSpec: {
            /** @description Rules for single paths of the snapshot, in the place of `on_conflict`. */
            choices?: components["schemas"]["RestoreChoice"][];
            /**
             * @description Whoever asked may not write everywhere on the machine: links on the way to the target are followed only if none but
             *     the machine's administrator can have made them.
             */
            confined?: boolean;
            /** @description Says what would be done, and does nothing. */
            dry_run?: boolean;
            /** @description How much of the machine it may use. */
            limits?: components["schemas"]["Limits"];
            /** @description What happens where something is already. */
            on_conflict?: components["schemas"]["ConflictRule"];
            /**
             * @description Paths in the snapshot, such as `/home/alice/report.pdf`, or `hex:` and its bytes for one that is not UTF-8; none means
             *     all of it. In a folder they stand as they do below the deepest folder of the snapshot that holds them all.
             */
            paths?: string[];
            /** @description From where. */
            repository: components["schemas"]["RepositoryUid"];
            /** @description The snapshot. */
            snapshot: string;
            /** @description Where it goes on the machine. */
            target?: components["schemas"]["RestoreTarget"];
            undo?: components["schemas"]["RestoreUndo"] | null;
            /** @description Reads what was written, and compares. */
            verify?: boolean;
            /** @description What whoever asked may put back, at most; none: all of it. */
            within?: components["schemas"]["RestoreRule"][] | null;
        };
        /**
         * @description Where a restore stands.
         * @enum {string}
         */
        RestoreStateBody: "checking" | "ready" | "approval" | "denied" | "queued" | "running" | "paused" | "done" | "done_with_errors" | "failed" | "cancelled";
        /** @description Where a restore goes. */
        RestoreTarget: {
            /** @enum {string} */
            to: "new_folder";
        } | {
            /** @description Its absolute path. */
            path: string;
            /** @enum {string} */
            to: "folder";
        } | {
            /** @enum {string} */
            to: "original";
        };
        /** @description What an earlier restore replaced and kept. */
        RestoreUndo: {
            /** @description The name of the safety folder in it. */
            safety_folder: string;
            /** @description The folder that it restored to. */
            target: string;
        };
        /** @description A person of a restore. */
        RestoreUserBody: {
            name?: string | null;
            /** Format: uuid */
            uid: string;
        };
        /** @description What a restore found and did. */
        Restored: {
            /**
             * @description The folder of the snapshot whose entries go there.
             * @default
             */
            folder: string;
            /**
             * @description What was planned.
             * @default {
             *       "beside": 0,
             *       "bytes": 0,
             *       "bytes_fetched": 0,
             *       "bytes_free": null,
             *       "conflict": 0,
             *       "create": 0,
             *       "entries": [],
             *       "entries_untold": 0,
             *       "errors": 0,
             *       "folders": 0,
             *       "replace": 0,
             *       "skip": 0,
             *       "unchanged": 0
             *     }
             */
            plan: components["schemas"]["RestorePlan"];
            /**
             * @description What could not be restored: the first of it.
             * @default []
             */
            problems: components["schemas"]["RestoreProblem"][];
            /**
             * @description The folder in which what was replaced lies now, if anything was set aside.
             * @default null
             */
            safety_folder: string | null;
            /**
             * Format: int64
             * @description Files left alone because the conflict rule said so.
             * @default 0
             */
            skipped: number;
            /**
             * @description The folder that everything is in, or would be.
             * @default
             */
            target: string;
            /**
             * Format: int64
             * @description Files that were read back and are as in the snapshot; none when nobody asked for that.
             * @default null
             */
            verified: number | null;
        };
        /** @description What a restore did. */
        ResultBody: {
            /** Format: int64 */
            bytes: number;
            /**
             * Format: int64
             * @description What could not be restored.
             */
            failed: number;
            /** Format: int64 */
            files: number;
            /** Format: int64 */
            folders: number;
            /**
             * Format: int64
             * @description Files that were put beside others.
             */
            kept_beside: number;
            /**
             * Format: int64
             * @description Files that were put in the place of others.
             */
            replaced: number;
            /** @description Where what was replaced lies now. */
            safety_folder?: string | null;
            /**
             * Format: int64
             * @description Files that were there already.
             */
            same: number;
            /**
             * Format: int64
             * @description Files that were left as they are.
             */
            skipped: number;
            /** @description The folder that everything is in. */
            target: string;
            /**
             * Format: int64
             * @description Files that were read back and are as in the snapshot.
             */
            verified?: number | null;
        };
        /**
         * @description The rules by which snapshots of one group are kept. A snapshot that no rule keeps is forgotten.
         *
         *     Without any rule everything is kept: forgetting all must never be the answer to a forgotten option.
         */
        Retention: {
            /**
             * @description The same for days.
             * @default 0
             */
            daily: components["schemas"]["Count"];
            /**
             * @description The newest snapshot of each of so many hours that have one; the rules below likewise.
             * @default 0
             */
            hourly: components["schemas"]["Count"];
            /**
             * @description The snapshots with these ids. restic has no such rule.
             * @default []
             */
            ids: components["schemas"]["IdPrefix"][];
            /**
             * @description So many of the newest snapshots.
             * @default 0
             */
            last: components["schemas"]["Count"];
            /**
             * @description The same for months.
             * @default 0
             */
            monthly: components["schemas"]["Count"];
            /**
             * @description The same for quarters of calendar years. restic has no such rule.
             * @default 0
             */
            quarterly: components["schemas"]["Count"];
            /**
             * @description All snapshots that have all tags of any of these lists.
             * @default []
             */
            tags: components["schemas"]["TagList"][];
            /**
             * @description The same for weeks, which begin on Monday and belong to years by ISO 8601.
             * @default 0
             */
            weekly: components["schemas"]["Count"];
            /**
             * @description All snapshots taken within this period before the group's newest one.
             * @default
             */
            within: components["schemas"]["Period"];
            /**
             * @description The same for days.
             * @default
             */
            within_daily: components["schemas"]["Period"];
            /**
             * @description The newest snapshot of each hour within this period before the group's newest one; the rules below likewise.
             * @default
             */
            within_hourly: components["schemas"]["Period"];
            /**
             * @description The same for months.
             * @default
             */
            within_monthly: components["schemas"]["Period"];
            /**
             * @description The same for weeks.
             * @default
             */
            within_weekly: components["schemas"]["Period"];
            /**
             * @description The same for years.
             * @default
             */
            within_yearly: components["schemas"]["Period"];
            /**
             * @description The same for years.
             * @default 0
             */
            yearly: components["schemas"]["Count"];
        };
        /** @description By which rules snapshots are kept. */
        RetentionPolicy: {
            /**
             * @description Among whom they count: `host,paths` when nothing is said.
             * @default host,paths
             */
            group_by: components["schemas"]["GroupBy"];
            /**
             * @description The rules. Without any, all is kept.
             * @default {
             *       "daily": 0,
             *       "hourly": 0,
             *       "ids": [],
             *       "last": 0,
             *       "monthly": 0,
             *       "quarterly": 0,
             *       "tags": [],
             *       "weekly": 0,
             *       "within": "",
             *       "within_daily": "",
             *       "within_hourly": "",
             *       "within_monthly": "",
             *       "within_weekly": "",
             *       "within_yearly": "",
             *       "yearly": 0
             *     }
             */
            keep: components["schemas"]["Retention"];
        };
        /** @description Rules, and what they are tried on. */
        RetentionPreviewBody: {
            /** @description Of these hosts; of all, if none is said. */
            hosts?: string[];
            policy: components["schemas"]["RetentionPolicy"];
            /** @description With this tag. */
            tag?: string | null;
        };
        /**
         * @description What somebody is to an organization; `root` runs the installation.
         * @enum {string}
         */
        RoleBody: "root" | "admin" | "operator" | "auditor" | "user";
        /** @description Which version is brought back. */
        RollbackBody: {
            /** Format: int64 */
            version: number;
        };
        /** @description What a rotation did. */
        RotatedBody: {
            /** @description Whether the old key is gone. If not, something is still under it: rotate again. */
            finished: boolean;
            /** @description The id of the key that seals from now on. */
            key: string;
            /**
             * Format: int64
             * @description Secrets that were sealed anew.
             */
            values: number;
        };
        /** @description What says when. */
        Rule: {
            /** @description An expression of five fields. */
            cron: components["schemas"]["Cron"];
        } | {
            /** @description Days and times in words. */
            calendar: components["schemas"]["Calendar"];
        };
        /** @description Who is in the group is this in that organization. The first rule that fits counts. */
        RuleBody: {
            /** @description The group's name at the provider; `*` is everybody. */
            group: string;
            /**
             * Format: uuid
             * @description In which organization. Null: the provider's own, or the installation if it has none.
             */
            org?: string | null;
            role: components["schemas"]["RoleBody"];
        };
        /** @description A run. */
        RunBody: {
            /** @description The name of an event; the run before. */
            cause?: string | null;
            /** Format: date-time */
            created_at: string;
            /**
             * Format: date-time
             * @description When the last of its backups ended.
             */
            ended_at?: string | null;
            /**
             * Format: date-time
             * @description The moment that a rule names.
             */
            nominal_at?: string | null;
            origin: components["schemas"]["OriginBody"];
            /** Format: uuid */
            plan: string;
            /** Format: uuid */
            uid: string;
            what: components["schemas"]["WhatBody"];
        };
        /** @description What is to be done now. */
        RunNowBody: {
            /** @default backup */
            what: components["schemas"]["WhatBody"];
        };
        /** @description When something runs by itself. */
        Schedule: {
            /** @description It does not run on these dates. */
            blackouts?: components["schemas"]["Blackout"][];
            /**
             * Format: int32
             * @description Runs are put off by up to so many seconds, so that not everybody begins at once.
             */
            jitter_seconds?: number;
            /** @description What becomes of runs for which nobody was there. */
            missed?: components["schemas"]["Missed"];
            /** @description It runs whenever one of these says so. */
            rules: components["schemas"]["Rule"][];
            /** @description It begins only within one of these; at any time when there is none. */
            windows?: components["schemas"]["Window"][];
            /** @description By whose clock. */
            zone?: components["schemas"]["Zone"];
        };
        /** @description A snapshot that has a hit. */
        SeenAtBody: {
            /** @description restic's id of it; of copies in several repositories, of any. */
            id?: string | null;
            /** Format: date-time */
            taken_at: string;
        };
        /** @description A session of a browser. */
        SessionBody: {
            /** @description From where it was begun. */
            address?: string | null;
            /** Format: date-time */
            created_at: string;
            /** @description Whether it is the one that asks. */
            current: boolean;
            /** Format: date-time */
            expires_at: string;
            /**
             * Format: date-time
             * @description When it ends if it is not used.
             */
            idle_expires_at: string;
            /**
             * Format: uuid
             * @description The provider that vouches for it.
             */
            provider?: string | null;
            /**
             * Format: date-time
             * @description To the minute.
             */
            seen_at: string;
            /** Format: uuid */
            uid: string;
            /** @description What the browser calls itself. */
            user_agent: string;
        };
        /** @description The first person who runs the installation. */
        SetUpBody: {
            email: string;
            name: string;
            /** Format: password */
            password: string;
            /** @description What the link that was printed at the first start ends with. */
            token: string;
        };
        /** @description A place that somebody shares. */
        SharedPlaceBody: components["schemas"]["PathBody"] & {
            /**
             * Format: date-time
             * @description When the snapshot was taken. Where it is gone meanwhile, the one before it is shown.
             */
            at: string;
            /**
             * Format: date-time
             * @description Until when the place is known.
             */
            expires_at: string;
            /** @description What a page shows there, as the page said it. */
            shown: string;
            /** Format: uuid */
            source: string;
            /** Format: uuid */
            uid: string;
        };
        /** @description What somebody signs in with. */
        SignInBody: {
            /** @description The code of the second factor, if there is one. */
            code?: string | null;
            email: string;
            /** @description The organization's name: needed only by who is in several. */
            org?: string | null;
            /** Format: password */
            password: string;
            /** @description One of the recovery codes, instead. */
            recovery_code?: string | null;
        };
        /** @description Who signed in. */
        SignedInBody: {
            /**
             * Format: int64
             * @description Attempts that failed since they signed in before: not theirs, perhaps.
             */
            failed_attempts: number;
            user: components["schemas"]["UserBody"];
        };
        /** @description Where to go after signing out. */
        SignedOutBody: {
            /** @description Where the provider signs the person out too; null if there is none. */
            provider_url?: string | null;
        };
        /** @description A snapshot. */
        SnapshotBody: {
            /**
             * Format: int64
             * @description Plain bytes that were new to the repository, and the same as stored.
             */
            added_bytes?: number | null;
            /** Format: int64 */
            added_stored_bytes?: number | null;
            /** Format: int64 */
            bytes?: number | null;
            /**
             * Format: int64
             * @description Where its writer counted: files in it, and their plain bytes.
             */
            files?: number | null;
            host: string;
            /** @description restic's id. */
            id: string;
            parent?: string | null;
            paths: string[];
            /** @description What took it. */
            program: string;
            /** Format: uuid */
            repository: string;
            /** Format: uuid */
            source?: string | null;
            tags: string[];
            /** Format: date-time */
            taken_at: string;
            /** @description The id of its root directory. */
            tree: string;
            username: string;
            /**
             * Format: int64
             * @description The source's offset from UTC then, in seconds.
             */
            utc_offset: number;
        };
        /** @description Which snapshot it is. */
        SnapshotRefBody: {
            /** @description restic's id. */
            id: string;
            /**
             * Format: date-time
             * @description When it was taken.
             */
            taken_at: string;
        };
        /** @description A source. */
        SourceBody: {
            /**
             * Format: uuid
             * @description The machine.
             */
            agent: string;
            /** Format: date-time */
            created_at: string;
            /** @description Its name in snapshots; null: the machine's own. */
            host?: string | null;
            name: string;
            /**
             * Format: uuid
             * @description Who sees its snapshots without a grant.
             */
            owner?: string | null;
            paths: string[];
            /** @description Whether somebody else has to agree to restores of it. */
            restore_approval: boolean;
            /** Format: uuid */
            uid: string;
            visibility: components["schemas"]["VisibilityBody"];
        };
        /** @description How well a source is protected. */
        SourceProtectionBody: {
            /** Format: uuid */
            agent: string;
            agent_name: string;
            /**
             * Format: int64
             * @description How often it is to be saved: the longest wait between its next runs.
             */
            interval_seconds?: number | null;
            last_end?: components["schemas"]["JobEndBody"] | null;
            /**
             * Format: date-time
             * @description When its machine was last heard of.
             */
            last_seen_at?: string | null;
            /**
             * Format: date-time
             * @description When it was last saved, wholly or in part.
             */
            last_success_at?: string | null;
            /** Format: date-time */
            late_since?: string | null;
            name: string;
            plans: components["schemas"]["PlanRefBody"][];
            /** Format: uuid */
            source: string;
            /**
             * @description `protected`, `late` (nothing was saved for two of its plan's intervals), `failed` (its newest backup), `never` (saved)
             *     or `unplanned` (no plan that runs by itself has it).
             */
            state: string;
        };
        /**
         * Format: uuid
         * @description A machine and its paths.
         */
        SourceUid: string;
        /** @description How a restore that was thought through begins; what is not said stays. */
        StartBody: {
            /** @default null */
            choices: components["schemas"]["ChoiceBody"][] | null;
            /** @default null */
            on_conflict: components["schemas"]["OnConflictBody"] | null;
        };
        /** @description What is known of a file or folder. */
        StatBody: {
            /** @description The name of its content: of files; the same wherever the content is the same. */
            content?: string | null;
            kind: components["schemas"]["KindBody"];
            /**
             * Format: int32
             * @description Permission bits.
             */
            mode?: number | null;
            /**
             * Format: date-time
             * @description When its content was last changed.
             */
            mtime?: string | null;
            /**
             * Format: int64
             * @description Bytes; of files only.
             */
            size?: number | null;
            /** @description Where a symbolic link leads. */
            target?: string | null;
            /** Format: int32 */
            uid?: number | null;
            user?: string | null;
        };
        /** @description What somebody proves again who they are with: one of these. */
        StepUpBody: {
            /** @description The code of the second factor. */
            code?: string | null;
            /**
             * Format: password
             * @description From who has no second factor.
             */
            password?: string | null;
            /** @description One of the recovery codes. */
            recovery_code?: string | null;
        };
        /**
         * @description Where storage should keep what is written, each colder than the one before. Only S3 has classes: packs are put into
         *     `STANDARD`, `STANDARD_IA` or `GLACIER_IR`, from all of which they are read at once.
         * @enum {string}
         */
        StorageClass: "hot" | "warm" | "cold";
        /** @description A storage credential. Its secret is never shown again. */
        StorageCredentialBody: {
            /** Format: date-time */
            created_at: string;
            /** @description `s3`, `sftp` or `rest`. */
            kind: string;
            name: string;
            /** @description What of it is no secret, by the names of the credential's own fields. */
            public: unknown;
            /** Format: uuid */
            uid: string;
        };
        /** @description A storage credential as somebody gives it. */
        StorageSecret: {
            /** @description The access key's id. */
            access_key: string;
            /** @enum {string} */
            kind: "s3";
            /** @description Whether the bucket is addressed by path and not as a host name. */
            path_style?: boolean | null;
            /** @description The bucket's region. */
            region?: string | null;
            /** @description The secret that belongs to it. */
            secret_key: string;
        } | {
            /** @enum {string} */
            kind: "sftp";
            /** @description Lines in OpenSSH's `known_hosts` format. A server that they do not know is refused. */
            known_hosts: string;
            /** @description What the private key is encrypted with. */
            passphrase?: string | null;
            /** @description A password. */
            password?: string | null;
            /** @description A private key in PEM. */
            private_key?: string | null;
            /** @description The user, when locations name none. */
            user?: string | null;
        } | {
            /** @enum {string} */
            kind: "rest";
            /** @description The password. */
            password: string;
            /** @description The user. */
            user: string;
        };
        /** @description A query that finds something. */
        SuggestionBody: {
            query: string;
            /** Format: int64 */
            total: number;
        };
        TagList: string;
        /** @description A page of a text. */
        TextBody: {
            /** @description How it was read, as the web names encodings. */
            encoding: string;
            /**
             * Format: int64
             * @description Where the next page begins. Null on the last page.
             */
            next?: number | null;
            /**
             * Format: int64
             * @description Where the page begins, in bytes.
             */
            offset: number;
            /** @description Whether something did not fit the encoding, and was replaced. */
            replaced: boolean;
            /**
             * Format: int64
             * @description Bytes of the file.
             */
            size: number;
            text: string;
        };
        /** @description A ticket. The URL holds it, and is shown this once. */
        TicketBody: {
            /**
             * Format: int64
             * @description Bytes of what will be sent.
             */
            bytes: number;
            /** @description The entity tag of what will be sent. */
            etag: string;
            /** @description When it can no longer be redeemed. */
            expires_at: string;
            name: string;
            uid: string;
            /** @description Where it is redeemed. */
            url: string;
        };
        /** @description A page of a timeline. */
        TimelineBody: {
            /** @description Whether every difference is counted: if not, ask again. */
            counted: boolean;
            /** @description The newest first. */
            items: components["schemas"]["PointBody"][];
            /** @description Where the next page begins: give it as `after`. Null on the last page. */
            next?: string | null;
        };
        /** @description An API token, without the token itself. */
        TokenBody: {
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            expires_at: string;
            /** @description What it is for. */
            name: string;
            /** @description Its first characters. */
            prefix: string;
            /** @description What it may be used for: a part of what its owner may. */
            scopes: string[];
            /** Format: uuid */
            uid: string;
            /**
             * Format: date-time
             * @description To the minute.
             */
            used_at?: string | null;
            /** Format: uuid */
            user: string;
        };
        /** @description A page of a folder. */
        TreeBody: components["schemas"]["PathBody"] & {
            /** @description How many that are gone; if they were asked for. */
            deleted?: number | null;
            /** @description Whether everything that is gone was found. */
            deleted_complete?: boolean | null;
            entries: components["schemas"]["EntryBody"][];
            /** @description Where the next page begins: give it as `after`. Null on the last page. */
            next?: string | null;
            snapshot: components["schemas"]["SnapshotRefBody"];
            /** @description How many entries there are to show, on all pages, without those that are gone. */
            total: number;
            /** @description What may be done with the folder. */
            uses: components["schemas"]["UseBody"][];
        };
        /** @description A tree that is asked for: by its name; one of which only a part is shown by its place. */
        TreeName: {
            /** @description Its name. */
            id: string;
        } | {
            /** @description Its path's bytes, in hexadecimal. */
            path: string;
            /** @description In which snapshot. */
            snapshot: string;
        };
        /** @description A request for trees. */
        TreesRequest: {
            /**
             * Format: uuid
             * @description Where they lie.
             */
            repository: string;
            /** @description Which. */
            trees: components["schemas"]["TreeName"][];
        };
        /**
         * @description What became of a path.
         * @enum {string}
         */
        TurnBody: "appeared" | "changed" | "gone";
        /** @description Putting back what a restore replaced. */
        UndoBody: {
            /** Format: date-time */
            ended_at?: string | null;
            /**
             * Format: int64
             * @description Files that could not be put back.
             */
            failed: number;
            failure?: components["schemas"]["RestoreFailureBody"] | null;
            /**
             * Format: int64
             * @description Files that are back.
             */
            files: number;
            /** @description Where what was in their places lies now. */
            kept?: string | null;
            /** @description As of jobs: `queued`, `leased`, `running`, `succeeded`, `partial`, `failed` or `cancelled`. */
            state: string;
        };
        /** @description A measurement of a repository. */
        UsageBody: {
            /** Format: int64 */
            blobs: number;
            /**
             * Format: double
             * @description How many plain bytes a stored byte stands for: what compression alone does.
             */
            compression?: number | null;
            /** Format: date-time */
            measured_at: string;
            /** Format: int64 */
            packs: number;
            /**
             * Format: int64
             * @description Plain bytes of all blobs, each once.
             */
            plain_bytes: number;
            /**
             * Format: double
             * @description How many bytes of snapshots a stored byte stands for; null where nothing is stored.
             */
            ratio?: number | null;
            /**
             * Format: int64
             * @description Plain bytes of all snapshots, as if each were restored.
             */
            restored_bytes: number;
            /** Format: int64 */
            snapshots: number;
            /**
             * Format: int64
             * @description Bytes of all files in storage.
             */
            stored_bytes: number;
        };
        /**
         * @description What is done with files.
         * @enum {string}
         */
        UseBody: "see" | "preview" | "download" | "restore";
        /** @description A person. */
        UserBody: {
            /** Format: date-time */
            created_at: string;
            /** @description Whether they are kept out. */
            disabled: boolean;
            /** @description What they sign in with. */
            email: string;
            /** @description Whether they have a password here. */
            has_password: boolean;
            /** @description Whether they are asked for a second factor here. */
            has_totp: boolean;
            name: string;
            /**
             * Format: uuid
             * @description Null: they run the installation.
             */
            org?: string | null;
            /**
             * Format: uuid
             * @description The provider whose groups decide the role.
             */
            provider?: string | null;
            role: components["schemas"]["RoleBody"];
            /** Format: date-time */
            signed_in_at?: string | null;
            /** Format: uuid */
            uid: string;
        };
        /** @description What is to change; what is not said stays. */
        UserChangeBody: {
            /** @description Kept out: signed out at once, their tokens end. */
            disabled?: boolean | null;
            email?: string | null;
            name?: string | null;
            role?: components["schemas"]["RoleBody"] | null;
        };
        /** @description What verifying a chain found. */
        VerdictBody: {
            /** Format: int64 */
            entries: number;
            /** @description The hash of the last: written down elsewhere, it proves later that nothing was cut off. */
            hash: string;
            /** @enum {string} */
            state: "intact";
        } | {
            reason: string;
            /** Format: int64 */
            seq: number;
            /** @enum {string} */
            state: "broken";
        };
        /** @description How the newest verify of a repository ended. */
        VerifiedBody: {
            last?: components["schemas"]["JobEndBody"] | null;
            name: string;
            /** Format: uuid */
            repository: string;
        };
        /** @description How deeply a verify looks. */
        VerifyDepth: {
            /** @enum {string} */
            depth: "metadata";
        } | {
            /** @enum {string} */
            depth: "sampled";
            /**
             * Format: int32
             * @description Of all bytes, 1 to 100.
             */
            percent: number;
        } | {
            /** @enum {string} */
            depth: "full";
        };
        /** @description When repositories are proved readable, and how deeply. */
        VerifyRule: {
            /** @description How deeply. */
            depth?: components["schemas"]["VerifyDepth"];
            /** @description When. */
            schedule: components["schemas"]["Schedule"];
        };
        /** @description A verify. */
        VerifySpec: {
            /** @description How deeply. */
            depth?: components["schemas"]["VerifyDepth"];
            /** @description Where. */
            repository: components["schemas"]["RepositoryUid"];
        };
        /** @description One content of a path. */
        VersionBody: components["schemas"]["StatBody"] & {
            /** @description The snapshots that have it, the newest first. */
            snapshots: components["schemas"]["SnapshotRefBody"][];
        };
        /** @description All contents of a path. */
        VersionsBody: components["schemas"]["PathBody"] & {
            /** @description Whether every snapshot was looked at, and could be read. */
            complete: boolean;
            /** @description Snapshots that were looked at. */
            snapshots: number;
            /** @description Distinct contents, that of the newest snapshot first. */
            versions: components["schemas"]["VersionBody"][];
        };
        /**
         * @description Who sees what a plan captures in the portal. Of several plans of one source and the source itself, the narrowest counts.
         * @enum {string}
         */
        Visibility: "owner" | "shared" | "hidden";
        /**
         * @description Who finds a source in the portal, besides those whose role shows them everything: its owner alone; the owner and whom it
         *     was granted; nobody.
         * @enum {string}
         */
        VisibilityBody: "owner" | "granted" | "hidden";
        /**
         * @description What a plan does.
         * @enum {string}
         */
        WhatBody: "backup" | "prune" | "verify";
        /**
         * @description After which end of another plan's run.
         * @enum {string}
         */
        When: "succeeded" | "failed" | "ended";
        /**
         * @description What lies between two times on some days. It passes midnight when it ends before it begins, and belongs to the day on which
         *     it begins then; when both are the same it lasts the whole day.
         */
        Window: {
            /** @description On these days; on all when there is none. */
            days?: components["schemas"]["Day"][];
            /** @description From this time on. */
            from: components["schemas"]["DayTime"];
            /** @description Up to, but without, this one. */
            to: components["schemas"]["DayTime"];
        };
        /** @description By whose clock something runs. */
        Zone: "agent" | {
            /** @description By that of a place: `Europe/Berlin`, `UTC`. */
            named: string;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    list_installation_audit: {
        parameters: {
            query?: {
                /** @description By whom: a uid, or the name of a part of the server. */
                who?: string;
                /** @description `see`, `create`, `change`, `delete`, `run` or `export`. */
                action?: string;
                /** @description The kind of thing: `plan`, `repository`. */
                resource?: string;
                /** @description Which thing. */
                resource_uid?: string;
                /** @description `done`, `refused` or `failed`. */
                outcome?: string;
                /** @description Not before. */
                since?: string;
                /** @description Before. */
                until?: string;
                /** @description In which order: oldest first if not said. */
                newest_first?: boolean;
                /** @description Items at most: 1 to 500, 50 if not said. */
                limit?: number;
                /** @description The `next` of the page before. */
                after?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ListBody_AuditBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    export_installation_audit_export: {
        parameters: {
            query: {
                /** @description `json` (one object a line) or `csv`. */
                format: "json" | "csv";
                /** @description By whom: a uid, or the name of a part of the server. */
                who?: string;
                /** @description `see`, `create`, `change`, `delete`, `run` or `export`. */
                action?: string;
                /** @description The kind of thing: `plan`, `repository`. */
                resource?: string;
                /** @description Which thing. */
                resource_uid?: string;
                /** @description `done`, `refused` or `failed`. */
                outcome?: string;
                /** @description Not before. */
                since?: string;
                /** @description Before. */
                until?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/jsonl": string;
                    "text/csv": string;
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    verify_installation_audit_verdict: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["VerdictBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_installation: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["InstallationBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    begin_login_requests: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewLoginRequestBody"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MadeLoginRequestBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    redeem_login_requests_redeem: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RedeemBody"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RedeemedBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_me: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MeBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    change_me: {
        parameters: {
            query?: never;
            header: {
                "If-Match": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MeChangeBody"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UserBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    answer_me_login_requests_answer: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AnswerBody"];
            };
        };
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    look_me_login_requests_look: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["LookBody"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LoginRequestBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    change_password_me_password: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PasswordBody"];
            };
        };
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    new_recovery_codes_me_recovery_codes: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RecoveryBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_mine_me_sessions: {
        parameters: {
            query?: {
                /** @description Items at most: 1 to 500, 50 if not said. */
                limit?: number;
                /** @description The `next` of the page before. */
                after?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ListBody_SessionBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    end_others_me_sessions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EndedBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    end_mine_me_sessions: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                session: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_mine_me_tokens: {
        parameters: {
            query?: {
                /** @description Items at most: 1 to 500, 50 if not said. */
                limit?: number;
                /** @description The `next` of the page before. */
                after?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ListBody_TokenBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    create_me_tokens: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewTokenBody"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MadeTokenBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    revoke_mine_me_tokens: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                token: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    begin_totp_me_totp: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EnrolmentBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    remove_totp_me_totp: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    confirm_totp_me_totp_confirm: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CodeBody"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RecoveryBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_orgs: {
        parameters: {
            query?: {
                /** @description Items at most: 1 to 500, 50 if not said. */
                limit?: number;
                /** @description The `next` of the page before. */
                after?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ListBody_OrgBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    create_orgs: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewOrgBody"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OrgBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_orgs: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OrgBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    change_orgs: {
        parameters: {
            query?: never;
            header: {
                "If-Match": string;
            };
            path: {
                org: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["OrgChangeBody"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OrgBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_orgs_agents: {
        parameters: {
            query?: {
                /** @description Only those of this state. */
                state?: components["schemas"]["AgentStateBody"];
                /** @description Items at most: 1 to 500, 50 if not said. */
                limit?: number;
                /** @description The `next` of the page before. */
                after?: string;
            };
            header?: never;
            path: {
                org: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ListBody_AgentBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_orgs_agents: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
                agent: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AgentBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    unenrol_orgs_agents: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
                agent: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    change_orgs_agents: {
        parameters: {
            query?: never;
            header: {
                "If-Match": string;
            };
            path: {
                org: string;
                agent: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AgentChangeBody"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AgentBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    certificates_orgs_agents_certificates: {
        parameters: {
            query?: {
                /** @description Items at most: 1 to 500, 50 if not said. */
                limit?: number;
                /** @description The `next` of the page before. */
                after?: string;
            };
            header?: never;
            path: {
                org: string;
                agent: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ListBody_CertificateBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    revoke_orgs_agents_revoke: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
                agent: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AgentBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_orgs_audit: {
        parameters: {
            query?: {
                /** @description By whom: a uid, or the name of a part of the server. */
                who?: string;
                /** @description `see`, `create`, `change`, `delete`, `run` or `export`. */
                action?: string;
                /** @description The kind of thing: `plan`, `repository`. */
                resource?: string;
                /** @description Which thing. */
                resource_uid?: string;
                /** @description `done`, `refused` or `failed`. */
                outcome?: string;
                /** @description Not before. */
                since?: string;
                /** @description Before. */
                until?: string;
                /** @description In which order: oldest first if not said. */
                newest_first?: boolean;
                /** @description Items at most: 1 to 500, 50 if not said. */
                limit?: number;
                /** @description The `next` of the page before. */
                after?: string;
            };
            header?: never;
            path: {
                org: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ListBody_AuditBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    export_orgs_audit_export: {
        parameters: {
            query: {
                /** @description `json` (one object a line) or `csv`. */
                format: "json" | "csv";
                /** @description By whom: a uid, or the name of a part of the server. */
                who?: string;
                /** @description `see`, `create`, `change`, `delete`, `run` or `export`. */
                action?: string;
                /** @description The kind of thing: `plan`, `repository`. */
                resource?: string;
                /** @description Which thing. */
                resource_uid?: string;
                /** @description `done`, `refused` or `failed`. */
                outcome?: string;
                /** @description Not before. */
                since?: string;
                /** @description Before. */
                until?: string;
            };
            header?: never;
            path: {
                org: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/jsonl": string;
                    "text/csv": string;
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    verify_orgs_audit_verdict: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["VerdictBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_orgs_enrolment_tokens: {
        parameters: {
            query?: {
                /** @description Items at most: 1 to 500, 50 if not said. */
                limit?: number;
                /** @description The `next` of the page before. */
                after?: string;
            };
            header?: never;
            path: {
                org: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ListBody_EnrolmentTokenBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    create_orgs_enrolment_tokens: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewEnrolmentTokenBody"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MadeEnrolmentTokenBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_orgs_enrolment_tokens: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
                token: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EnrolmentTokenBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    revoke_orgs_enrolment_tokens: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
                token: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    escrow_org_orgs_escrow: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RecipientBody"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": number[];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    org_events_orgs_events: {
        parameters: {
            query?: {
                /** @description After this event, as far as it is kept; at now when nothing is said. */
                after?: string;
            };
            header?: {
                "Last-Event-ID"?: string | null;
            };
            path: {
                org: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": components["schemas"]["EventBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    org_socket_orgs_events_socket: {
        parameters: {
            query?: {
                /** @description After this event, as far as it is kept; at now when nothing is said. */
                after?: string;
            };
            header?: never;
            path: {
                org: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            101: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EventBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_orgs_grants: {
        parameters: {
            query?: {
                /** @description Whose. */
                user?: string;
                /** @description Of which source. */
                source?: string;
                /** @description Items at most: 1 to 500, 50 if not said. */
                limit?: number;
                /** @description The `next` of the page before. */
                after?: string;
            };
            header?: never;
            path: {
                org: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ListBody_GrantBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    create_orgs_grants: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewGrantBody"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["GrantBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_orgs_grants: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
                grant: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["GrantBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    delete_orgs_grants: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
                grant: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    change_orgs_grants: {
        parameters: {
            query?: never;
            header: {
                "If-Match": string;
            };
            path: {
                org: string;
                grant: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["GrantChangeBody"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["GrantBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_orgs_holds: {
        parameters: {
            query?: {
                /** @description Of this case. */
                case?: string;
                /** @description Items at most: 1 to 500, 50 if not said. */
                limit?: number;
                /** @description The `next` of the page before. */
                after?: string;
            };
            header?: never;
            path: {
                org: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ListBody_HoldBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    job_days_orgs_job_days: {
        parameters: {
            query: {
                since: string;
                before: string;
                /** @description Seconds by which days begin before those of UTC: 10800 in Moscow. */
                utc_offset?: number;
            };
            header?: never;
            path: {
                org: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobDaysBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_orgs_jobs: {
        parameters: {
            query?: {
                /** @description Items at most: 1 to 500, 50 if not said. */
                limit?: number;
                /** @description The `next` of the page before. */
                after?: string;
                kind?: components["schemas"]["JobKind"];
                /** @description In one of these states: `failed,partial`. */
                state?: string;
                /** @description Made at this time or later. */
                since?: string;
                /** @description Made before. */
                before?: string;
                source?: string;
                plan?: string;
                run?: string;
                agent?: string;
                repository?: string;
            };
            header?: never;
            path: {
                org: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ListBody_JobBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    create_orgs_jobs: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewJobBody"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_orgs_jobs: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
                job: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    cancel_orgs_jobs_cancel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
                job: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobBody"];
                };
            };
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    job_events_orgs_jobs_events: {
        parameters: {
            query?: {
                /** @description After this event, as far as it is kept; at now when nothing is said. */
                after?: string;
            };
            header?: {
                "Last-Event-ID"?: string | null;
            };
            path: {
                org: string;
                job: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": components["schemas"]["EventBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    job_socket_orgs_jobs_events_socket: {
        parameters: {
            query?: {
                /** @description After this event, as far as it is kept; at now when nothing is said. */
                after?: string;
            };
            header?: never;
            path: {
                org: string;
                job: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            101: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EventBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    log_orgs_jobs_log: {
        parameters: {
            query?: {
                /** @description Items at most: 1 to 500, 50 if not said. */
                limit?: number;
                /** @description The `next` of the page before. */
                after?: string;
            };
            header?: never;
            path: {
                org: string;
                job: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ListBody_LogLineBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    pause_orgs_jobs_pause: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
                job: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    resume_orgs_jobs_resume: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
                job: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    retry_orgs_jobs_retry: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
                job: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    mirrors_orgs_mirrors: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MirrorsBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    event_orgs_plan_events: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PlanEventBody"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ListBody_RunBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_orgs_plans: {
        parameters: {
            query?: {
                /** @description Items at most: 1 to 500, 50 if not said. */
                limit?: number;
                /** @description The `next` of the page before. */
                after?: string;
            };
            header?: never;
            path: {
                org: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ListBody_PlanBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    create_orgs_plans: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewPlanBody"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PlanBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    preview_orgs_plans_preview: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PlanPreviewBody"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NextRunsBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_orgs_plans: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
                plan: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PlanBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    change_orgs_plans: {
        parameters: {
            query?: never;
            header: {
                "If-Match": string;
            };
            path: {
                org: string;
                plan: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewPlanBody"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PlanBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    delete_orgs_plans: {
        parameters: {
            query?: never;
            header: {
                "If-Match": string;
            };
            path: {
                org: string;
                plan: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    history_orgs_plans_history: {
        parameters: {
            query?: {
                /** @description Items at most: 1 to 500, 50 if not said. */
                limit?: number;
                /** @description The `next` of the page before. */
                after?: string;
            };
            header?: never;
            path: {
                org: string;
                plan: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ListBody_RunBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    rollback_orgs_plans_rollback: {
        parameters: {
            query?: never;
            header: {
                "If-Match": string;
            };
            path: {
                org: string;
                plan: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RollbackBody"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PlanBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    run_orgs_plans_run: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
                plan: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RunNowBody"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RunBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    next_runs_orgs_plans_runs: {
        parameters: {
            query?: {
                /** @description How many: 1 to 100, 10 if not said. */
                count?: number;
            };
            header?: never;
            path: {
                org: string;
                plan: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NextRunsBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    versions_orgs_plans_versions: {
        parameters: {
            query?: {
                /** @description Items at most: 1 to 500, 50 if not said. */
                limit?: number;
                /** @description The `next` of the page before. */
                after?: string;
            };
            header?: never;
            path: {
                org: string;
                plan: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ListBody_PlanVersionBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    protection_orgs_protection: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProtectionBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_orgs_providers: {
        parameters: {
            query?: {
                /** @description Items at most: 1 to 500, 50 if not said. */
                limit?: number;
                /** @description The `next` of the page before. */
                after?: string;
            };
            header?: never;
            path: {
                org: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ListBody_ProviderBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    create_orgs_providers: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ProviderSettingsBody"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProviderBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_orgs_providers: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
                provider: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProviderBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    change_orgs_providers: {
        parameters: {
            query?: never;
            header: {
                "If-Match": string;
            };
            path: {
                org: string;
                provider: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ProviderSettingsBody"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProviderBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    delete_orgs_providers: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
                provider: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_orgs_repositories: {
        parameters: {
            query?: {
                /** @description Items at most: 1 to 500, 50 if not said. */
                limit?: number;
                /** @description The `next` of the page before. */
                after?: string;
            };
            header?: never;
            path: {
                org: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ListBody_RepositoryBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    create_orgs_repositories: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewRepositoryBody"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RepositoryBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    try_place_orgs_repositories_try: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PlaceBody"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Finding"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_orgs_repositories: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
                repository: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RepositoryBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    delete_orgs_repositories: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
                repository: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    change_orgs_repositories: {
        parameters: {
            query?: never;
            header: {
                "If-Match": string;
            };
            path: {
                org: string;
                repository: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RepositoryChangeBody"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RepositoryBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_orgs_repositories_gateway_credentials: {
        parameters: {
            query?: {
                /** @description Items at most: 1 to 500, 50 if not said. */
                limit?: number;
                /** @description The `next` of the page before. */
                after?: string;
            };
            header?: never;
            path: {
                org: string;
                repository: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ListBody_GatewayCredentialBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    create_orgs_repositories_gateway_credentials: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
                repository: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewGatewayCredentialBody"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MadeGatewayCredentialBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    delete_orgs_repositories_gateway_credentials: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
                repository: string;
                credential: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_orgs_repositories_keys: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
                repository: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["KeysBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    create_orgs_repositories_keys: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
                repository: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewKeyBody"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MadeKeyBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    delete_orgs_repositories_keys: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
                repository: string;
                key: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    refresh_orgs_repositories_refresh: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
                repository: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RefreshedBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    preview_orgs_repositories_retention_preview: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
                repository: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RetentionPreviewBody"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FatesBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_orgs_repositories_snapshots: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
                repository: string;
                snapshot: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SnapshotBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    add_orgs_repositories_snapshots_holds: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
                repository: string;
                snapshot: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewHoldBody"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HeldBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    release_orgs_repositories_snapshots_holds: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
                repository: string;
                snapshot: string;
                case: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HeldBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    test_orgs_repositories_test: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
                repository: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Finding"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    usage_orgs_repositories_usage: {
        parameters: {
            query?: {
                /** @description Days at most: 1 to 1000, 90 if not said. */
                days?: number;
            };
            header?: never;
            path: {
                org: string;
                repository: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UsageBody"][];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    worm_orgs_repositories_worm: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
                repository: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ImmutableBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_orgs_snapshots: {
        parameters: {
            query?: {
                /** @description In this repository. */
                repository?: string;
                /** @description Of this source. */
                source?: string;
                /** @description Of this host. */
                host?: string;
                /** @description With this path among those saved. */
                path?: string;
                /** @description With this tag. */
                tag?: string;
                /** @description Taken at this time or later. */
                since?: string;
                /** @description Taken before. */
                before?: string;
                /** @description Under hold, or not. */
                held?: boolean;
                /** @description Items at most: 1 to 500, 50 if not said. */
                limit?: number;
                /** @description The `next` of the page before. */
                after?: string;
            };
            header?: never;
            path: {
                org: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ListBody_ListedSnapshotBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_orgs_sources: {
        parameters: {
            query?: {
                /** @description Items at most: 1 to 500, 50 if not said. */
                limit?: number;
                /** @description The `next` of the page before. */
                after?: string;
                /** @description Of this machine only. */
                agent?: string;
            };
            header?: never;
            path: {
                org: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ListBody_SourceBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    create_orgs_sources: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewSourceBody"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SourceBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_orgs_sources: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
                source: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SourceBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    change_orgs_sources: {
        parameters: {
            query?: never;
            header: {
                "If-Match": string;
            };
            path: {
                org: string;
                source: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewSourceBody"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SourceBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    delete_orgs_sources: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
                source: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_orgs_storage_credentials: {
        parameters: {
            query?: {
                /** @description Items at most: 1 to 500, 50 if not said. */
                limit?: number;
                /** @description The `next` of the page before. */
                after?: string;
            };
            header?: never;
            path: {
                org: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ListBody_StorageCredentialBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    create_orgs_storage_credentials: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewStorageCredentialBody"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StorageCredentialBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_orgs_storage_credentials: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
                credential: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StorageCredentialBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    replace_orgs_storage_credentials: {
        parameters: {
            query?: never;
            header: {
                "If-Match": string;
            };
            path: {
                org: string;
                credential: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewStorageCredentialBody"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StorageCredentialBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    delete_orgs_storage_credentials: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
                credential: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_orgs_tokens: {
        parameters: {
            query?: {
                /** @description Items at most: 1 to 500, 50 if not said. */
                limit?: number;
                /** @description The `next` of the page before. */
                after?: string;
            };
            header?: never;
            path: {
                org: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ListBody_TokenBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    revoke_orgs_tokens: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
                token: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_orgs_users: {
        parameters: {
            query?: {
                /** @description Items at most: 1 to 500, 50 if not said. */
                limit?: number;
                /** @description The `next` of the page before. */
                after?: string;
            };
            header?: never;
            path: {
                org: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ListBody_UserBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    create_orgs_users: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewUserBody"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UserBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_orgs_users: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
                user: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UserBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    delete_orgs_users: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
                user: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    change_orgs_users: {
        parameters: {
            query?: never;
            header: {
                "If-Match": string;
            };
            path: {
                org: string;
                user: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UserChangeBody"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UserBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    password_link_orgs_users_password_link: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
                user: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LinkBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_orgs_users_sessions: {
        parameters: {
            query?: {
                /** @description Items at most: 1 to 500, 50 if not said. */
                limit?: number;
                /** @description The `next` of the page before. */
                after?: string;
            };
            header?: never;
            path: {
                org: string;
                user: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ListBody_SessionBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    end_all_orgs_users_sessions: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
                user: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EndedBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    end_orgs_users_sessions: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
                user: string;
                session: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    remove_totp_orgs_users_totp: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                org: string;
                user: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    choose_password_password_reset: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ChosenBody"];
            };
        };
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_everywhere_providers: {
        parameters: {
            query?: {
                /** @description Items at most: 1 to 500, 50 if not said. */
                limit?: number;
                /** @description The `next` of the page before. */
                after?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ListBody_ProviderBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    create_everywhere_providers: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ProviderSettingsBody"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProviderBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_everywhere_providers: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                provider: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProviderBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    change_everywhere_providers: {
        parameters: {
            query?: never;
            header: {
                "If-Match": string;
            };
            path: {
                provider: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ProviderSettingsBody"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProviderBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    delete_everywhere_providers: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                provider: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    escrow_all_secrets_escrow: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RecipientBody"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": number[];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    rotate_key_secrets_rotate: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RotatedBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    first_set_up: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SetUpBody"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UserBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    by_password_sign_in: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SignInBody"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SignedInBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    leave_sign_in_oidc: {
        parameters: {
            query?: {
                /** @description A path of this server to come back to. */
                return_to?: string;
                /** @description Whether somebody who is signed in only proves again who they are. */
                step_up?: boolean;
            };
            header?: never;
            path: {
                provider: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description To the provider; a browser that cannot go there is sent to `/sign-in?error=` */
            303: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    signed_out_sign_in_oidc_back_channel_logout: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                provider: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/x-www-form-urlencoded": components["schemas"]["LogoutForm"];
            };
        };
        responses: {
            /** @description Their sessions have ended */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    arrive_sign_in_oidc_callback: {
        parameters: {
            query?: {
                code?: string;
                state?: string;
                iss?: string;
                error?: string;
                error_description?: string;
            };
            header?: never;
            path: {
                provider: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description To where one wanted to go; a browser that may not come in is sent to `/sign-in?error=` */
            303: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    providers_sign_in_providers: {
        parameters: {
            query?: {
                /** @description The organization's name; without it, the installation's providers only. */
                org?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenProviderBody"][];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    out_sign_out: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SignedOutBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    step_step_up: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["StepUpBody"];
            };
        };
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_roots_users: {
        parameters: {
            query?: {
                /** @description Items at most: 1 to 500, 50 if not said. */
                limit?: number;
                /** @description The `next` of the page before. */
                after?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ListBody_UserBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    create_root_users: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewUserBody"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UserBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_root_users: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                user: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UserBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    delete_root_users: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                user: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    change_root_users: {
        parameters: {
            query?: never;
            header: {
                "If-Match": string;
            };
            path: {
                user: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UserChangeBody"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UserBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    password_link_root_users_password_link: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                user: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LinkBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    remove_totp_root_users_totp: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                user: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleted_portal_deleted: {
        parameters: {
            query?: {
                /** @description Of this source only. */
                source?: string;
                /** @description Items at most: 1 to 500, 50 if not said. */
                limit?: number;
                /** @description The `next` of the page before. */
                after?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeletedBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    create_portal_places: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewSharedPlaceBody"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SharedPlaceBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_portal_places: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                place: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SharedPlaceBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_portal_restores: {
        parameters: {
            query?: {
                /** @description Items at most: 1 to 500, 50 if not said. */
                limit?: number;
                /** @description The `next` of the page before. */
                after?: string;
                /** @description `mine` or `all`. */
                whose?: "mine" | "all";
                /** @description Only those that somebody else has to agree to. */
                waiting?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ListBody_RestoreBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    create_portal_restores: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewRestoreBody"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RestoreBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    devices_portal_restores_devices: {
        parameters: {
            query: {
                /** @description Of which source something is to be put back. */
                source: string;
                /** @description Items at most: 1 to 500, 50 if not said. Who restores to few machines gets all of them. */
                limit?: number;
                /** @description The `next` of the page before. */
                after?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ListBody_DeviceBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_portal_restores: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                restore: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RestoreBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    approve_portal_restores_approve: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                restore: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ApprovalVerdictBody"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RestoreBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    cancel_portal_restores_cancel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                restore: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["EmptyBody"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RestoreBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deny_portal_restores_deny: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                restore: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ApprovalVerdictBody"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RestoreBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    events_portal_restores_events: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                restore: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": components["schemas"]["RestoreBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    pause_portal_restores_pause: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                restore: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["EmptyBody"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RestoreBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    show_report_portal_restores_report: {
        parameters: {
            query?: {
                /** @description `json` or `csv`. */
                format?: "json" | "csv";
                /** @description `check` or `result`; the result if there is one. */
                of?: "check" | "result";
            };
            header?: never;
            path: {
                restore: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReportBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    resume_portal_restores_resume: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                restore: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["EmptyBody"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RestoreBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    start_portal_restores_start: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                restore: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["StartBody"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RestoreBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    undo_portal_restores_undo: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                restore: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["EmptyBody"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RestoreBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    search_portal_search: {
        parameters: {
            query: {
                /** @description As in `report ext:xlsx size:>10M changed:2026-10 deleted:yes "exact phrase" name*`. */
                q: string;
                /** @description In this source only. */
                source?: string;
                /** @description In which order; best fit first if not said. */
                sort?: "best" | "newest" | "oldest" | "name" | "largest" | "smallest";
                /** @description Whether every version of a path is a hit, and not only the best. */
                all_versions?: boolean;
                /** @description Whether hits are counted by what they are. */
                facets?: boolean;
                /** @description Where days begin, as in `Europe/Moscow`; UTC if not said. */
                zone?: string;
                /** @description Hits at most: 1 to 500, 50 if not said. */
                limit?: number;
                /** @description The `next` of the page before. */
                after?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FoundBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    complete_portal_search_names: {
        parameters: {
            query: {
                /** @description The beginning. */
                prefix: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CompletionsBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_portal_sources: {
        parameters: {
            query?: {
                /** @description Items at most: 1 to 500, 50 if not said. */
                limit?: number;
                /** @description The `next` of the page before. */
                after?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ListBody_MySourceBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_portal_sources: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                source: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MySourceBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    changes_portal_sources_changes: {
        parameters: {
            query?: {
                /** @description The path. */
                path?: string;
                /** @description The same in base64, where it is not UTF-8. */
                path_base64?: string;
            };
            header?: never;
            path: {
                source: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ChangesBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    coverage_portal_sources_coverage: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                source: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CoverageBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    diff_portal_sources_diff: {
        parameters: {
            query: {
                /** @description The earlier snapshot, or a time. */
                from: string;
                /** @description The later one; the newest if not said. */
                to?: string;
                /** @description Only what is at and below this path. */
                path?: string;
                /** @description The same in base64, where it is not UTF-8. */
                path_base64?: string;
                /** @description Only these, between commas: `added`, `changed`, `removed`, `moved`. All if not said. */
                kinds?: string;
            };
            header?: never;
            path: {
                source: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-ndjson": components["schemas"]["DiffLineBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    download_portal_sources_download: {
        parameters: {
            query?: {
                /** @description A time, the beginning of a snapshot's id, or `latest`, which it is if nothing is said. */
                at?: string;
                /** @description The file or folder. */
                path?: string;
                /** @description The same in base64, where it is not UTF-8. */
                path_base64?: string;
                /** @description As what it is sent; a file, as it is, if not said. */
                as?: components["schemas"]["FormBody"];
            };
            header?: never;
            path: {
                /** @description Its uid */
                source: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All of it */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": number[];
                    "application/x-tar": number[];
                    "application/zip": number[];
                };
            };
            /** @description The parts that were asked for */
            206: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description It did not change */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description It has no such part */
            416: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    snapshots_portal_sources_drive: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                source: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DriveSnapshots"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    blobs_portal_sources_drive_blobs: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                source: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["BlobsRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": number[];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    trees_portal_sources_drive_trees: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                source: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TreesRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": number[];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    hash_portal_sources_hash: {
        parameters: {
            query?: {
                /** @description A time, and the newest snapshot taken then or before is meant; or the beginning of a snapshot's id; or `latest`. */
                at?: string;
                /** @description The file. */
                path?: string;
                /** @description The same in base64, where it is not UTF-8. */
                path_base64?: string;
            };
            header?: never;
            path: {
                source: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HashBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    image_portal_sources_image: {
        parameters: {
            query?: {
                /** @description A time, and the newest snapshot taken then or before is meant; or the beginning of a snapshot's id; or `latest`. */
                at?: string;
                /** @description The file. */
                path?: string;
                /** @description The same in base64, where it is not UTF-8. */
                path_base64?: string;
                /** @description Pixels of the longer side at most: 16 to 2048, 1024 if not said. */
                pixels?: number;
            };
            header?: never;
            path: {
                source: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "image/jpeg": number[];
                    "image/png": number[];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    media_portal_sources_media: {
        parameters: {
            query?: {
                /** @description A time, and the newest snapshot taken then or before is meant; or the beginning of a snapshot's id; or `latest`. */
                at?: string;
                /** @description The file. */
                path?: string;
                /** @description The same in base64, where it is not UTF-8. */
                path_base64?: string;
            };
            header?: never;
            path: {
                source: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All of it */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/pdf": number[];
                    "image/*": number[];
                    "audio/*": number[];
                    "video/*": number[];
                };
            };
            /** @description The parts that were asked for */
            206: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description It did not change */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description It has no such part */
            416: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    text_portal_sources_text: {
        parameters: {
            query?: {
                /** @description A time, and the newest snapshot taken then or before is meant; or the beginning of a snapshot's id; or `latest`. */
                at?: string;
                /** @description The file. */
                path?: string;
                /** @description The same in base64, where it is not UTF-8. */
                path_base64?: string;
                /** @description Where the page begins, in bytes: 0, or the `next` of the page before. */
                offset?: number;
                /** @description Bytes of the file on the page at most: 16 to 1048576, 262144 if not said. */
                bytes?: number;
                /** @description The encoding, as the web names it; told from the content if not said. */
                encoding?: string;
            };
            header?: never;
            path: {
                source: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TextBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    timeline_portal_sources_timeline: {
        parameters: {
            query?: {
                /** @description Taken at this time or later. */
                since?: string;
                /** @description Taken before. */
                before?: string;
                /** @description Differences are counted at and below this path only. */
                path?: string;
                /** @description The same in base64, where it is not UTF-8. */
                path_base64?: string;
                /**
                 * @description Thinned to so many points at most, evenly in time: each stands for the snapshots of its time. Not with `limit` or
                 *     `after`.
                 */
                points?: number;
                /** @description Items at most: 1 to 500, 50 if not said. */
                limit?: number;
                /** @description The `next` of the page before. */
                after?: string;
            };
            header?: never;
            path: {
                source: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TimelineBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    tree_portal_sources_tree: {
        parameters: {
            query?: {
                /** @description A time, and the newest snapshot taken then or before is meant; or the beginning of a snapshot's id; or `latest`. */
                at?: string;
                /** @description The folder; the root if not said. */
                path?: string;
                /** @description The same in base64, where it is not UTF-8. */
                path_base64?: string;
                /** @description Only names with this in them, however it is written. */
                contains?: string;
                /** @description By what it is sorted; by name if not said. Folders come first. */
                sort?: "name" | "size" | "mtime";
                /** @description Whether the other way round. */
                descending?: boolean;
                /** @description By which language's rules names are sorted, as in `ru`. */
                lang?: string;
                /** @description Whether names that lived in earlier snapshots are shown too. */
                deleted?: boolean;
                /** @description Only what differs from this time or snapshot. */
                changed_since?: string;
                /** @description Entries at most: 1 to 500, 100 if not said. */
                limit?: number;
                /** @description The `next` of the page before. */
                after?: string;
                /** @description How many entries come before the page: instead of `after`, for any place of a long list. */
                offset?: number;
            };
            header?: never;
            path: {
                source: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TreeBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    versions_portal_sources_versions: {
        parameters: {
            query?: {
                /** @description The path. */
                path?: string;
                /** @description The same in base64, where it is not UTF-8. */
                path_base64?: string;
            };
            header?: never;
            path: {
                source: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["VersionsBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    create_portal_tickets: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewTicketBody"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TicketBody"];
                };
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    revoke_portal_tickets: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Its uid */
                ticket: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
}
